import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleMinus,
  IconHandStop,
  IconInfoCircle,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./notice.module.css";

/** Shapes differ as well, so that color is never the only sign. */
const ICONS = {
  positive: IconCircleCheck,
  caution: IconAlertTriangle,
  danger: IconAlertOctagon,
  active: IconInfoCircle,
  hold: IconHandStop,
  neutral: IconCircleMinus,
} as const;

type Props = {
  readonly tone: keyof typeof ICONS;
  readonly role?: "status" | "alert";
  readonly title?: string | undefined;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
};

/** A message box in the page. */
export function Notice({ tone, role, title, actions, children }: Props) {
  const Icon = ICONS[tone];
  return (
    <div
      className={classes.notice}
      data-tone={tone}
      role={role}
      tabIndex={-1}
      data-form-alert={role === "alert" || undefined}
    >
      <Icon size={20} aria-hidden className={classes.icon} />
      <div>
        {title && <strong className={classes.title}>{title}</strong>}
        {children}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  );
}
