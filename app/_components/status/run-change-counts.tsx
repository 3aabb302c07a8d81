import { getFormatter, getTranslations } from "next-intl/server";
import type { Run } from "@/lib/directory/runs/queries";
import { countsOf } from "@/lib/directory/runs/run-counts";

type Props = { readonly run: Run; readonly of: "departments" | "members" };

/** What a run changed, as signs where figures are compared; readers hear it in words. */
export async function RunSigns({ run, of }: Props) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { added, changed, moved, removed } = countsOf(run, of);
  if (added + changed + moved + removed === 0) return t("noneChanged");
  const signs = [
    ["+", added],
    ["~", changed],
    ["↷", moved],
    ["−", removed],
  ] as const;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      <span aria-hidden>{signs.map(([sign, n]) => `${sign}${format.number(n)}`).join(" ")}</span>
      <span className="visually-hidden">{t("counts", { a: added, c: changed, m: moved, r: removed })}</span>
    </span>
  );
}
