import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconArrowRight,
  IconBan,
  IconCheck,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconClock,
  IconClockOff,
  IconHandStop,
  IconPlugOff,
  IconRefresh,
  IconX,
} from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./state-badge.module.css";

/** Tone and icon of each state. Icons differ as well, so that color is never the only sign. */
const APPEARANCE = {
  app: {
    draft: ["neutral", IconCircleDashed],
    verified: ["positive", IconCircleCheck],
    degraded: ["caution", IconAlertTriangle],
    broken: ["danger", IconAlertOctagon],
    disabled: ["neutral", IconCircleMinus],
  },
  run: {
    queued: ["neutral", IconClock],
    running: ["active", IconRefresh],
    held: ["hold", IconHandStop],
    succeeded: ["positive", IconCheck],
    failed: ["danger", IconX],
    interrupted: ["caution", IconPlugOff],
    cancelled: ["neutral", IconBan],
    superseded: ["neutral", IconArrowRight],
    rejected: ["neutral", IconX],
    expired: ["neutral", IconClockOff],
  },
  key: {
    active: ["positive", IconCircleCheck],
    expired: ["neutral", IconClock],
    revoked: ["neutral", IconBan],
  },
  call: {
    ok: ["positive", IconCheck],
    dingtalk_refused: ["danger", IconX],
    throttled: ["caution", IconClock],
    refused: ["neutral", IconBan],
    failed: ["caution", IconPlugOff],
    left: ["neutral", IconCircleMinus],
  },
  event: {
    pending: ["neutral", IconClock],
    handled: ["positive", IconCheck],
    failed: ["danger", IconX],
    stored: ["neutral", IconCircleMinus],
  },
  subscription: {
    waiting: ["neutral", IconClock],
    working: ["positive", IconCircleCheck],
    connected: ["positive", IconCircleCheck],
    connecting: ["neutral", IconClock],
    disconnected: ["danger", IconPlugOff],
  },
  webhook: {
    enabled: ["positive", IconCircleCheck],
    failing: ["caution", IconAlertTriangle],
    disabled: ["neutral", IconCircleMinus],
  },
  attempt: {
    delivered: ["positive", IconCheck],
    failed: ["danger", IconX],
  },
  check: {
    pending: ["neutral", IconClock],
    running: ["active", IconRefresh],
    passed: ["positive", IconCheck],
    warning: ["caution", IconAlertTriangle],
    failed: ["danger", IconX],
    not_run: ["neutral", IconCircleDashed],
    unreached: ["caution", IconPlugOff],
    absent: ["neutral", IconCircleMinus],
  },
} as const;

type Kind = keyof typeof APPEARANCE;
type Props<K extends Kind> = { readonly kind: K; readonly state: keyof (typeof APPEARANCE)[K] & string };

/** A state as icon and word. */
export function StateBadge<K extends Kind>({ kind, state }: Props<K>) {
  const t = useTranslations("state");
  const [tone, Icon] = APPEARANCE[kind][state] as readonly [string, typeof IconCheck];
  return (
    <span className={classes.badge} data-tone={tone} data-turns={state === "running" || undefined}>
      <Icon size={16} aria-hidden className={classes.icon} />
      {t(`${kind}.${state}` as "app.draft")}
    </span>
  );
}
