import { getFormatter, getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { DateTime } from "@/app/_components/time/date-time";
import { ROOT_DEPARTMENT_ID } from "@/lib/directory/ids";
import type { RunDetail } from "@/lib/directory/runs/get-run";
import type { HeldReason, Scope } from "@/lib/directory/runs/run-reasons";
import classes from "./decision.module.css";

type Props = {
  readonly run: RunDetail;
  /** Address of the directory settings; `null` without permission. */
  readonly settings: string | null;
};

/** Describes the app's scope. */
async function describeScope({ departmentIds, userIds }: Scope): Promise<string> {
  const t = await getTranslations("sync");
  const held = await getTranslations("held");
  if (departmentIds.includes(ROOT_DEPARTMENT_ID)) return held("wholeCompany");
  const parts = [t("departmentCount", { n: departmentIds.length })];
  if (userIds.length > 0) parts.push(t("memberCount", { n: userIds.length }));
  return parts.join(t("and"));
}

type LostCounts = { readonly departments: number; readonly members: number };

/** Describes what is no longer visible to the app. */
async function describeLost({ departments, members }: LostCounts): Promise<string> {
  const t = await getTranslations("sync");
  const parts = [
    departments > 0 && t("departmentCount", { n: departments }),
    members > 0 && t("memberCount", { n: members }),
  ];
  return parts.filter(Boolean).join(t("and"));
}

async function sentenceOf(reason: HeldReason): Promise<string> {
  const held = await getTranslations("held");
  const format = await getFormatter();
  switch (reason.kind) {
    case "departments_above":
    case "members_above": {
      const { removals, of, removable, percentRemovable } = reason;
      const share = format.number(of === 0 ? 0 : removals / of, {
        style: "percent",
        maximumFractionDigits: 1,
      });
      return held(reason.kind, { removals, share, removable, percent: percentRemovable });
    }
    case "scope_shrank": {
      const { scopeBefore, scope } = reason;
      const lostText = { lost: await describeLost(reason), now: await describeScope(scope) };
      return scopeBefore === null
        ? held("scope_shrank", lostText)
        : held("scope_shrank_from", { ...lostText, before: await describeScope(scopeBefore) });
    }
    case "answer_empty":
      return held("answer_empty", { held: reason.held, seen: reason.seen });
    case "members_empty":
      return held("members_empty", { held: reason.held });
    case "too_many_missing":
      return held("too_many_missing", { lost: await describeLost(reason) });
    case "scope_empty":
      return held("scope_empty");
  }
}

const isThreshold = ({ kind }: HeldReason) => kind === "departments_above" || kind === "members_above";

/** Explains why a run is held, and until when it can be decided. */
export async function HoldReasons({ run, settings }: Props) {
  const t = await getTranslations("sync");
  const held = await getTranslations("held");
  const reasons = run.heldFor ?? [];
  const sentences = await Promise.all(reasons.map(sentenceOf));
  const until = run.heldUntil && <DateTime at={run.heldUntil} isAbsolute />;
  const isWaiting = run.state === "held";
  return (
    <Card>
      {/* The page's focus starts here. */}
      <h2 data-page-begins={isWaiting || undefined} tabIndex={-1}>
        {held("why")}
      </h2>
      <ul className={classes.reasons}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className={classes.note}>
        {isWaiting && (
          <>
            {t("heldHelp")} {until && held.rich("until", { time: () => until })}{" "}
          </>
        )}
        {settings !== null && reasons.some(isThreshold) && <Link href={settings}>{held("limits")}</Link>}
      </p>
    </Card>
  );
}
