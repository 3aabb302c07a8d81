"use client";

import { Progress } from "@mantine/core";
import { IconCheck, IconCircleDashed, IconRefresh } from "@tabler/icons-react";
import { usePathname, useRouter } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { Notice } from "@/app/_components/feedback/notice";
import { Card } from "@/app/_components/page/card";
import { formatDuration } from "@/app/_components/time/format-duration";
import { isUnderWay, type RunProgress, shareOfCalls } from "@/lib/directory/runs/run-states";
import classes from "./run.module.css";

const STAGES = ["read", "plan", "check", "write"] as const;
const SECOND_MS = 1_000;
/** Interval for announcing counts. Stages and the end are announced at once. */
const ANNOUNCE_EVERY_MS = 30_000;
/** Below these, a rate or remaining time would be a guess. */
const RATE_FROM_MS = 2_000;
const REMAINING_FROM = 0.05;

function Stages({ stage }: { readonly stage: RunProgress["stage"] }) {
  const t = useTranslations("sync");
  const current = stage === null ? -1 : STAGES.indexOf(stage);
  return (
    <ol className={classes.stages}>
      {STAGES.map((name, index) => {
        const is = index < current ? "done" : index === current ? "now" : "left";
        const Icon = { done: IconCheck, now: IconRefresh, left: IconCircleDashed }[is];
        const stageState = { done: t("stageDone"), now: t("stageNow"), left: t("stageLeft") }[is];
        return (
          <li key={name} data-stage={is} aria-current={is === "now" ? "step" : undefined}>
            <Icon size={20} aria-hidden />
            {t(`stage.${name}`)}
            <span className="visually-hidden">{stageState}</span>
          </li>
        );
      })}
    </ol>
  );
}

type BarProps = { readonly share: number | null; readonly sentence: string };

/** A progress bar, indeterminate while the total is unknown. */
function Bar({ share, sentence }: BarProps) {
  const t = useTranslations("sync");
  if (share === null) {
    return (
      <div
        className={classes.unknown}
        role="progressbar"
        aria-label={t("progress")}
        aria-valuetext={`${t("counting")} · ${sentence}`}
      >
        <span />
      </div>
    );
  }
  return (
    <Progress.Root size="lg" className={classes.bar}>
      {/* Mantine's own ARIA attributes expose only the percentage. */}
      <Progress.Section
        value={share * 100}
        withAria={false}
        role="progressbar"
        aria-label={t("progress")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={sentence}
      />
    </Progress.Root>
  );
}

/** Returns the run's figures. Unknown values are left out, not estimated. */
function useFigures({ progress, sinceUpdateMs }: LiveProgress) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const { state, departmentsSeen: n, departmentsExpected: total, calls, throttles, startedAtMs } = progress;
  // Advances by the browser's clock between messages, independent of its absolute time.
  const nowMs = progress.nowMs + (isUnderWay(state) ? sinceUpdateMs : 0);
  const elapsedMs = startedAtMs === null ? 0 : Math.max(0, nowMs - startedAtMs);
  const share = shareOfCalls(progress);
  const isPredictable = share !== null && share > REMAINING_FROM && share < 1;
  const remainingMs = isPredictable ? (elapsedMs * (1 - share)) / share : null;
  const rate = format.number((calls * 1_000) / Math.max(elapsedMs, 1), { maximumFractionDigits: 1 });
  const seen = [
    total ? t("departmentsOf", { n, total }) : t("departments", { n }),
    t("members", { n: progress.membersSeen }),
  ];
  const figures = [
    startedAtMs !== null && t("elapsed", { time: formatDuration(Math.max(SECOND_MS, elapsedMs), format) }),
    remainingMs !== null && t("remaining", { time: formatDuration(remainingMs, format) }),
    elapsedMs > RATE_FROM_MS && t("rate", { n: rate }),
    t("calls", { n: calls }),
    throttles > 0 && t("throttles", { n: throttles }),
  ].filter((figure): figure is string => figure !== false);
  return { share, seen, sentence: seen.join(" · "), figures };
}

/** The number of calls per DingTalk API. */
function Calls({ callsByApi }: Pick<RunProgress, "callsByApi">) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const apis = Object.entries(callsByApi).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <dl className={classes.apis} aria-label={t("callsByApi")}>
      {apis.map(([api, calls]) => (
        <div key={api}>
          <dt>
            <code>{api}</code>
          </dt>
          <dd>{format.number(calls)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Announces each stage and the end at once, and the counts periodically. */
function useAnnouncements({ state, stage }: RunProgress, sentence: string): void {
  const t = useTranslations("sync");
  const states = useTranslations("state.run");
  const status = isUnderWay(state) ? t(`stage.${stage ?? "queued"}`) : states(state);
  useEffect(() => announce(status), [status]);
  const counts = useRef(sentence);
  useEffect(() => {
    counts.current = sentence;
  }, [sentence]);
  useEffect(() => {
    const timer = setInterval(() => announce(counts.current), ANNOUNCE_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}

function Figures({ texts }: { readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <p className={classes.figures}>
      {texts.map((text, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- figures keep their positions while their texts change
        <span key={index}>{text}</span>
      ))}
    </p>
  );
}

type Props = { readonly initial: RunProgress; readonly feed: string };

/** The progress of an active run: stage, counts, rate and remaining time. */
export function RunProgressCard({ initial, feed }: Props) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const run = useRunProgress(initial, feed);
  const { share, seen, sentence, figures } = useFigures(run);
  useAnnouncements(run.progress, sentence);
  return (
    <Card>
      {run.isDisconnected && (
        <Notice tone="caution">
          {t("reconnecting")} · {t("heardAt", { time: formatDuration(run.sinceUpdateMs, format) })}
        </Notice>
      )}
      <Stages stage={run.progress.stage} />
      {run.progress.startedAtMs !== null && <Bar share={share} sentence={sentence} />}
      <Figures texts={seen} />
      <Figures texts={figures} />
      <Calls callsByApi={run.progress.callsByApi} />
    </Card>
  );
}

const TICK_MS = 1_000;
/** Delay before reopening a refused feed. The browser reconnects dropped ones itself. */
const REOPEN_MS = 3_000;

type Received = { readonly progress: RunProgress; readonly atMs: number };

export type LiveProgress = {
  readonly progress: RunProgress;
  /** The feed is disconnected and reconnecting. */
  readonly isDisconnected: boolean;
  /** Time since the last message, in milliseconds; 0 in the first render. */
  readonly sinceUpdateMs: number;
};

/** Follows a run's feed until its end, and refreshes the page when the run's state changes. */
export function useRunProgress(initial: RunProgress, feed: string): LiveProgress {
  const router = useRouter();
  const [received, setReceived] = useState<Received | null>(null);
  const [isDisconnected, setIsDisconnected] = useState(false);
  const [nowMs, setNowMs] = useState(0);
  const lastState = useRef(initial.state);
  useEffect(() => {
    let source: EventSource | null = null;
    let reopenTimer: ReturnType<typeof setTimeout> | undefined;
    const receive = (progress: RunProgress) => {
      const atMs = performance.now();
      setReceived({ progress, atMs });
      setNowMs(atMs);
      setIsDisconnected(false);
      // The server-rendered state and buttons are outdated.
      if (progress.state !== lastState.current) router.refresh();
      lastState.current = progress.state;
      if (!isUnderWay(progress.state)) source?.close();
    };
    const open = () => {
      source = new EventSource(feed);
      source.addEventListener("message", (event) => receive(JSON.parse(String(event.data)) as RunProgress));
      source.addEventListener("error", () => {
        setIsDisconnected(true);
        if (source?.readyState === EventSource.CLOSED) reopenTimer = setTimeout(open, REOPEN_MS);
      });
    };
    open();
    const ticker = setInterval(() => setNowMs(performance.now()), TICK_MS);
    return () => {
      clearInterval(ticker);
      clearTimeout(reopenTimer);
      source?.close();
    };
  }, [feed, router]);
  return {
    progress: received?.progress ?? initial,
    isDisconnected,
    sinceUpdateMs: received ? Math.max(0, nowMs - received.atMs) : 0,
  };
}

/** Says that this run was already active. Removes `?already` from the address, so that the address can be shared. */
export function AlreadyRunningNotice() {
  const t = useTranslations("sync");
  const path = usePathname();
  const sentence = t("already");
  useEffect(() => {
    announce(sentence);
    window.history.replaceState(null, "", path);
  }, [path, sentence]);
  return (
    <div style={{ marginTop: 16 }}>
      <Notice tone="active">{sentence}</Notice>
    </div>
  );
}
