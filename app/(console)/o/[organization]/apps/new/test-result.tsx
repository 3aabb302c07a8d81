"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import type { Check, ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { FaultPanel } from "../../../../../_components/fault-panel";
import { StateBadge } from "../../../../../_components/state-badge";
import classes from "./connect.module.css";

function CheckLine({ check }: { readonly check: Check }) {
  const t = useTranslations("app");
  const fact = () => {
    const { name, facts, status } = check;
    if (status === "not_run" || status === "failed") return null;
    if (name === "scope") return status === "warning" ? t("fact.scopePart", facts) : t("fact.scopeAll");
    return t(`fact.${name}`, facts);
  };
  return (
    <li className={classes.check}>
      <div className={classes.checkHead}>
        <StateBadge kind="check" state={check.status} />
        <span>{t(`check.${check.name}`)}</span>
        <span className={classes.fact}>{fact()}</span>
        {check.durationMs !== null && <span className={classes.duration}>{check.durationMs} ms</span>}
      </div>
      {check.fault && <FaultPanel fault={check.fault} />}
    </li>
  );
}

type Props = { readonly test: ConnectionTest; readonly isStale: boolean };

/** The four checks in their order; the first failure takes the focus. */
export function TestResult({ test, isStale }: Props) {
  const t = useTranslations("app");
  const region = useRef<HTMLElement>(null);
  const count = (status: string) => test.checks.filter((check) => check.status === status).length;
  const passed = count("passed") + count("warning");
  useEffect(() => {
    const failure = test.checks.find(({ fault }) => fault !== null);
    if (failure) region.current?.querySelector<HTMLElement>("[data-fault-title]")?.focus();
  }, [test]);
  return (
    <section
      ref={region}
      className={classes.result}
      aria-label={t("testResult")}
      data-stale={isStale || undefined}
    >
      <p role="status" className={classes.summary}>
        {isStale ? t("testStale") : t("testSummary", { passed, failed: count("failed") })}
      </p>
      <ol>
        {test.checks.map((check) => (
          <CheckLine key={check.name} check={check} />
        ))}
      </ol>
    </section>
  );
}
