import { getFormatter, getTranslations } from "next-intl/server";
import { LiveRunLine } from "@/app/_components/live/live-run-line";
import { Link } from "@/app/_components/navigation/link";
import { TableHead } from "@/app/_components/page/table-head";
import { RunChangeCounts, triggerText } from "@/app/_components/status/run-facts";
import { reasonTitle } from "@/app/_components/status/run-reason";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { formatDuration } from "@/app/_components/time/format-duration";
import type { Run } from "@/lib/directory/runs/run";
import { hasPlan } from "@/lib/directory/runs/run-states";
import classes from "./syncs.module.css";

type RowProps = { readonly run: Run; readonly href: string };

/** A run's changes, error or progress. */
async function Changes({ run }: { readonly run: Run }) {
  const t = await getTranslations("sync");
  const fault = await getTranslations("fault");
  if (hasPlan(run)) {
    return (["departments", "members"] as const).map((of) => (
      <td key={of} className={classes.changes} data-label={t(`column.${of}`)}>
        <RunChangeCounts run={run} of={of} />
      </td>
    ));
  }
  return (
    <td className={classes.changes} colSpan={2}>
      {run.finishedAt === null ? (
        <LiveRunLine app={run.appId} isShort />
      ) : (
        <span className={classes.reason}>{reasonTitle(run.error, t, fault)}</span>
      )}
    </td>
  );
}

async function Row({ run, href }: RowProps) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { startedAt, finishedAt, state } = run;
  const took = startedAt && finishedAt && formatDuration(finishedAt.getTime() - startedAt.getTime(), format);
  return (
    <tr>
      <th scope="row" className={classes.run}>
        <Link href={href} className={classes.number}>
          {t("run", { number: run.number })}
        </Link>
        {run.mode !== "full" && <span className={classes.mode}>{t(`mode.${run.mode}`)}</span>}
      </th>
      <td className={classes.state}>
        <StateBadge kind="run" state={state} />
      </td>
      <td className={classes.trigger}>{triggerText(run, t)}</td>
      <td>
        <DateTime at={startedAt ?? run.queuedAt} isAbsolute />
      </td>
      <td className={classes.figure}>{took ?? <span aria-hidden>–</span>}</td>
      <Changes run={run} />
      <td className={classes.figure}>{format.number(run.calls)}</td>
    </tr>
  );
}

type Props = { readonly runs: readonly Run[]; readonly base: string };

const COLUMNS = [
  "number",
  "state",
  "trigger",
  "started",
  "duration",
  "departments",
  "members",
  "calls",
] as const;
const FIGURES: ReadonlySet<string> = new Set(["duration", "calls"]);

/** Runs, newest first. Rows have two lines on a phone. */
export async function RunTable({ runs, base }: Props) {
  const t = await getTranslations("sync");
  return (
    <table className={classes.table} data-steady>
      <TableHead columns={COLUMNS} figures={FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} href={`${base}/${run.id}`} />
        ))}
      </tbody>
    </table>
  );
}
