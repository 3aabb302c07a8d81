"use client";

import { Button } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import type { Check, ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { CHECKS } from "@/lib/dingtalk-apps/setting-choices";
import classes from "./connection-test-result.module.css";
import { FaultPanel } from "./fault-panel";
import { StateBadge } from "./state-badge";

type Line = Omit<Check, "status"> & { readonly status: Check["status"] | "pending" | "running" };

/** Shown while the test runs. */
const RUNNING: readonly Line[] = CHECKS.map((name, index) => ({
  name,
  status: index === 0 ? "running" : "pending",
  durationMs: null,
  facts: {},
  fault: null,
}));

const SECOND_MS = 1_000;

function useDuration() {
  const t = useTranslations("app");
  const format = useFormatter();
  return (ms: number) =>
    ms < SECOND_MS
      ? t("milliseconds", { n: ms })
      : t("seconds", { n: format.number(ms / SECOND_MS, { maximumFractionDigits: 1 }) });
}

/** Describes what a check found; `null` for checks that failed or were skipped. */
function useFact({ name, facts, status }: Line): string | null {
  const t = useTranslations("app");
  if (status !== "passed" && status !== "warning") return null;
  if (name === "scope") {
    if (status === "passed") return t("fact.scopeAll");
    return facts.departments === 0 ? t("fact.scopeNone", facts) : t("fact.scopePart", facts);
  }
  return t(`fact.${name}`, facts);
}

function CheckLine({ line }: { readonly line: Line }) {
  const t = useTranslations("app");
  const fact = useFact(line);
  const duration = useDuration();
  const { name, status, durationMs, fault } = line;
  return (
    <li>
      <div className={classes.head}>
        <span>
          <StateBadge kind="check" state={status} />
        </span>
        <span className={classes.what}>
          <span className={classes.name}>{t(`check.${name}`)}</span>{" "}
          {fact && <span className={classes.fact}>{fact}</span>}
        </span>
        {durationMs !== null && <span className={classes.duration}>{duration(durationMs)}</span>}
      </div>
      {fault && (
        <>
          <FaultPanel fault={fault} />
          <Button type="submit" variant="default" size="xs" className={classes.again}>
            {t("testAgain")}
          </Button>
        </>
      )}
    </li>
  );
}

function useSummary(lines: readonly Line[]) {
  const duration = useDuration();
  const count = (...wanted: Line["status"][]) => lines.filter(({ status }) => wanted.includes(status)).length;
  return {
    passed: count("passed", "warning"),
    failed: count("failed"),
    took: duration(lines.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0)),
  };
}

type Props = {
  /** `null` while the test runs. */
  readonly test: ConnectionTest | null;
  /** The values have changed since the test. */
  readonly isStale: boolean;
};

/** The four checks in order. The first failure takes the focus. Must be inside the form that runs the test. */
export function ConnectionTestResult({ test, isStale }: Props) {
  const t = useTranslations("app");
  const region = useRef<HTMLElement>(null);
  const status = useRef<HTMLParagraphElement>(null);
  const lines: readonly Line[] = test?.checks ?? RUNNING;
  const { passed, failed, took } = useSummary(lines);
  const hadTest = useRef(false);
  useEffect(() => {
    // *Test again* removes its own button, and with it the focus. A first test was started from another
    // button.
    if (!test && hadTest.current && document.activeElement === document.body) status.current?.focus();
    hadTest.current = test !== null;
    const failure = test?.checks.find(({ fault }) => fault !== null);
    if (failure) region.current?.querySelector<HTMLElement>("[data-fault-title]")?.focus();
  }, [test]);
  const summary = () => {
    if (!test) return t("testing");
    return isStale ? t("testStale") : t("testSummary", { passed, failed });
  };
  return (
    <section
      ref={region}
      className={classes.result}
      aria-label={t("testResult")}
      aria-busy={!test}
      data-stale={isStale || undefined}
    >
      <div className={classes.top}>
        <p ref={status} role="status" tabIndex={-1} className={classes.summary}>
          {summary()}
        </p>
        {test && <span className={classes.duration}>{took}</span>}
      </div>
      <ol>
        {lines.map((line) => (
          <CheckLine key={line.name} line={line} />
        ))}
      </ol>
    </section>
  );
}
