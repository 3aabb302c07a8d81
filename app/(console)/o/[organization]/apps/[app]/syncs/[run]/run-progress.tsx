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
/** Counts are spoken at most this often: a stage and the end are news, a number is not. */
const SPOKEN_EVERY_MS = 30_000;
/** Less than this and a rate or what remains would be a guess. */
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
        const words = { done: t("stageDone"), now: t("stageNow"), left: t("stageLeft") }[is];
        return (
          <li key={name} data-stage={is} aria-current={is === "now" ? "step" : undefined}>
            <Icon size={20} aria-hidden />
            {t(`stage.${name}`)}
            <span className="visually-hidden">{words}</span>
          </li>
        );
      })}
    </ol>
  );
}

type BarProps = { readonly share: number | null; readonly sentence: string };

/** How far it is; only that it moves, while nobody knows how many there are. */
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
      {/* Mantine's own would say the percentage and nothing else. */}
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

/** What the figures say: nothing is estimated that nobody knows. */
function useFigures({ progress, silentMs }: FollowedRun) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const { state, departmentsSeen: n, departmentsExpected: total, calls, throttles, startedAtMs } = progress;
  // Between two messages the browser's clock goes on; which hour it shows doesn't matter.
  const goneMs = progress.nowMs + (isUnderWay(state) ? silentMs : 0);
  const elapsedMs = startedAtMs === null ? 0 : Math.max(0, goneMs - startedAtMs);
  const share = shareOfCalls(progress);
  const isSteady = share !== null && share > REMAINING_FROM && share < 1;
  const remainingMs = isSteady ? (elapsedMs * (1 - share)) / share : null;
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

/** Which of DingTalk's interfaces was called how often. */
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

/** Says each stage and the end, and the counts now and then. */
function useSpoken({ state, stage }: RunProgress, sentence: string): void {
  const t = useTranslations("sync");
  const states = useTranslations("state.run");
  const spoken = isUnderWay(state) ? t(`stage.${stage ?? "queued"}`) : states(state);
  useEffect(() => announce(spoken), [spoken]);
  const counts = useRef(sentence);
  useEffect(() => {
    counts.current = sentence;
  }, [sentence]);
  useEffect(() => {
    const timer = setInterval(() => announce(counts.current), SPOKEN_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}

function Figures({ texts }: { readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <p className={classes.figures}>
      {texts.map((text, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- each figure keeps its place, and its text is what changes
        <span key={index}>{text}</span>
      ))}
    </p>
  );
}

type Props = { readonly initial: RunProgress; readonly feed: string };

/** A run under way: what it does, how far it is, how fast. */
export function RunProgressCard({ initial, feed }: Props) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const run = useRunProgress(initial, feed);
  const { share, seen, sentence, figures } = useFigures(run);
  useSpoken(run.progress, sentence);
  return (
    <Card>
      {run.isLost && (
        <Notice tone="caution">
          {t("reconnecting")} · {t("heardAt", { time: formatDuration(run.silentMs, format) })}
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
/** How long after a refusal the feed is asked for again; what merely breaks the browser brings back itself. */
const REOPEN_MS = 3_000;

type Heard = { readonly progress: RunProgress; readonly atMs: number };

export type FollowedRun = {
  readonly progress: RunProgress;
  /** The feed is broken, and is being brought back. */
  readonly isLost: boolean;
  /** How long ago something was heard, by this browser's clock; 0 in the first render. */
  readonly silentMs: number;
};

/** Follows a run's feed until its end, and has the server render anew what stands around when its state changes. */
export function useRunProgress(initial: RunProgress, feed: string): FollowedRun {
  const router = useRouter();
  const [heard, setHeard] = useState<Heard | null>(null);
  const [isLost, setIsLost] = useState(false);
  const [nowMs, setNowMs] = useState(0);
  const shown = useRef(initial.state);
  useEffect(() => {
    let source: EventSource | null = null;
    let reopening: ReturnType<typeof setTimeout> | undefined;
    const tell = (progress: RunProgress) => {
      const atMs = performance.now();
      setHeard({ progress, atMs });
      setNowMs(atMs);
      setIsLost(false);
      // What the server rendered around this, the state in the head and the buttons, is of another state now.
      if (progress.state !== shown.current) router.refresh();
      shown.current = progress.state;
      if (!isUnderWay(progress.state)) source?.close();
    };
    const open = () => {
      source = new EventSource(feed);
      source.addEventListener("message", (event) => tell(JSON.parse(String(event.data)) as RunProgress));
      source.addEventListener("error", () => {
        setIsLost(true);
        if (source?.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN_MS);
      });
    };
    open();
    const ticking = setInterval(() => setNowMs(performance.now()), TICK_MS);
    return () => {
      clearInterval(ticking);
      clearTimeout(reopening);
      source?.close();
    };
  }, [feed, router]);
  return {
    progress: heard?.progress ?? initial,
    isLost,
    silentMs: heard ? Math.max(0, nowMs - heard.atMs) : 0,
  };
}

/** Why this run is shown, and not a new one. Its mark leaves the address, which names the run and may be sent on. */
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
