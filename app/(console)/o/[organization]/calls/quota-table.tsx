import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import type { AppQuota } from "@/lib/calls/quota/queries";
import { Card } from "../../../../_components/card";
import { DisplayName } from "../../../../_components/display-name";
import { QuotaBar } from "../../../../_components/quota";
import classes from "./calls.module.css";

type Props = { readonly quotas: readonly AppQuota[]; readonly base: string };

const FIGURES = ["forecast", "free", "throttled"] as const;

/** How many calls each app has made this month, of those that DingTalk charges. */
export async function QuotaTable({ quotas, base }: Props) {
  const t = await getTranslations("quota");
  const format = await getFormatter();
  return (
    <Card title={t("title")}>
      <table className={classes.quotas}>
        <thead>
          <tr>
            <th scope="col">{t("column.app")}</th>
            <th scope="col">{t("column.charged")}</th>
            {FIGURES.map((column) => (
              <th key={column} scope="col" className={classes.figure}>
                {t(`column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {quotas.map(({ appId, name, quota }) => (
            <tr key={appId}>
              <th scope="row">
                <Link href={`${base}/apps/${appId}`}>
                  <DisplayName name={name} nameless={appId} />
                </Link>
              </th>
              <td className={classes.charged}>
                <QuotaBar quota={quota} />
              </td>
              {FIGURES.map((column) => (
                <td key={column} className={classes.figure} data-label={t(`column.${column}`)}>
                  {format.number(quota[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
