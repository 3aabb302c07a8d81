import { getFormatter, getTranslations } from "next-intl/server";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { TableHead } from "@/app/_components/page/table-head";
import { StateBadge } from "@/app/_components/status/state-badge";
import { formatBytes } from "@/app/_components/text/format-bytes";
import { DateTime } from "@/app/_components/time/date-time";
import { formatDuration } from "@/app/_components/time/format-duration";
import type { LoggedCall } from "@/lib/calls/list-calls";
import classes from "./calls.module.css";

type Names = ReadonlyMap<string, string>;
type Props = { readonly calls: readonly LoggedCall[]; readonly apps: Names; readonly keys: Names };
type RowProps = Omit<Props, "calls"> & { readonly call: LoggedCall };

async function Row({ call, apps, keys }: RowProps) {
  const t = await getTranslations("calls");
  const format = await getFormatter();
  const { at, appId, keyId, method, path, outcome, status, errcode, requestId } = call;
  const caller = keyId === null ? t("own") : (keys.get(keyId) ?? t("gone"));
  const codes = [status, errcode].filter((code) => code !== null).join(" · ");
  return (
    <tr>
      <td className={classes.at}>
        <DateTime at={at} isAbsolute />
      </td>
      <th scope="row" className={classes.call}>
        <code>
          {method} {path}
        </code>
      </th>
      <td className={classes.who}>
        <bdi>{apps.get(appId) ?? t("gone")}</bdi>
        <bdi className={classes.dimmed}>{caller}</bdi>
      </td>
      <td className={classes.outcome}>
        <StateBadge kind="call" state={outcome} />
        {codes !== "" && <span className={classes.dimmed}>{codes}</span>}
      </td>
      <td className={classes.figure} data-label={t("column.attempts")}>
        {format.number(call.attempts)}
      </td>
      <td className={classes.figure} data-label={t("column.duration")}>
        {formatDuration(call.durationMs, format)}
      </td>
      <td className={classes.figure} data-label={t("column.bytes")}>
        {formatBytes(call.bytes, format)}
      </td>
      <td className={classes.request}>
        {requestId !== null && (
          <span>
            <code title={requestId}>{requestId}</code>
            <CopyButton value={requestId} label={t("copyRequest")} />
          </span>
        )}
      </td>
    </tr>
  );
}

const COLUMNS = ["at", "call", "app", "outcome", "attempts", "duration", "bytes", "request"] as const;
const FIGURES: ReadonlySet<string> = new Set(["attempts", "duration", "bytes"]);

/** Calls, newest first. On narrow screens each call has a few lines. */
export async function CallTable({ calls, apps, keys }: Props) {
  const t = await getTranslations("calls");
  return (
    <table className={classes.table} data-steady>
      <TableHead columns={COLUMNS} figures={FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {calls.map((call) => (
          <Row key={call.id} call={call} apps={apps} keys={keys} />
        ))}
      </tbody>
    </table>
  );
}
