import { getFormatter, getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { TableHead } from "@/app/_components/page/table-head";
import { DateTime } from "@/app/_components/time/date-time";
import { formatDuration } from "@/app/_components/time/format-duration";
import type { ListedAttempt } from "@/lib/webhooks/delivery/attempts";
import { AttemptResult } from "../attempt-result";
import { TypeName } from "../type-name";
import classes from "../webhooks.module.css";

type Props = { readonly attempts: readonly ListedAttempt[]; readonly base: string };

const COLUMNS = ["at", "type", "result", "attempt", "duration"] as const;
const FIGURES: ReadonlySet<string> = new Set(["attempt", "duration"]);

/** Attempts, newest first. */
export async function AttemptTable({ attempts, base }: Props) {
  const t = await getTranslations("webhooks");
  const format = await getFormatter();
  return (
    <table className={classes.table} data-steady>
      <TableHead columns={COLUMNS} figures={FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.id}>
            <td>
              <DateTime at={attempt.at} isAbsolute />
            </td>
            <th scope="row">
              <Link href={`${base}/attempts/${attempt.id}`}>
                <TypeName type={attempt.type} />
              </Link>
            </th>
            <td>
              <AttemptResult status={attempt.status} failure={attempt.failure} />
            </td>
            <td className={classes.figure} data-label={t("column.attempt")}>
              {format.number(attempt.attempt)}
            </td>
            <td className={classes.figure} data-label={t("column.duration")}>
              {formatDuration(attempt.durationMs, format)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
