"use client";

import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import { plainTextName } from "@/app/_components/text/split-name";
import type { Headcount, HeadcountChart } from "@/lib/directory/charts/schema";
import { useChartRoot } from "../url-state";
import { ChartStatus, useChartData } from "./chart-data";
import { ChartPath } from "./chart-path";
import classes from "./charts.module.css";
import EChartsCanvas, { type DrawArea } from "./echarts-canvas";
import { type ChartTexts, sunburstOption, treemapOption } from "./headcount-options";
import { HeadcountTable } from "./headcount-table";

type Kind = "treemap" | "sunburst";

function useChartTexts(): ChartTexts {
  const t = useTranslations("charts");
  const directory = useTranslations("directory");
  return {
    nameless: directory("nameless"),
    everything: t("everything"),
    directOf: (name) => t("directOf", { name }),
    rest: (n) => t("rest", { n }),
    people: (n) => t("people", { n }),
  };
}

type HeadcountChartProps = {
  readonly kind: Kind;
  readonly root: Headcount;
  readonly onPick: (id: string) => void;
};

/** The chart, or the reason why this department has none. */
function HeadcountChart({ kind, root, onPick }: HeadcountChartProps) {
  const t = useTranslations("charts");
  const texts = useChartTexts();
  const optionFor = useCallback(
    (room: DrawArea) => (kind === "treemap" ? treemapOption : sunburstOption)(root, texts, room),
    // oxlint-disable-next-line react/exhaustive-deps -- the texts don't change
    [kind, root],
  );
  if (root.total === 0)
    return <p className={classes.none}>{t(root.id === null ? "nobody" : "nobodyHere")}</p>;
  if (!root.hasChildren) return <p className={classes.none}>{t("single")}</p>;
  const name = root.id === null ? texts.everything : plainTextName(root.name, texts.nameless);
  return (
    <>
      <p className={classes.help}>{t(`${kind}Help`)}</p>
      <EChartsCanvas label={t(`${kind}Of`, { name })} optionFor={optionFor} onPick={onPick} />
    </>
  );
}

type Props = { readonly address: string; readonly kind: Kind };

/** Members by department, as a treemap or sunburst and as a table. */
export default function HeadcountView({ address, kind }: Props) {
  const t = useTranslations("charts");
  const { root: rootId, goTo } = useChartRoot();
  const state = useChartData<HeadcountChart>(address, kind, rootId);
  const heading = useRef<HTMLHeadingElement>(null);
  const isNavigating = useRef(false);
  const { chart } = state;
  useEffect(() => {
    // The clicked element disappears with the old chart.
    if (chart && isNavigating.current) heading.current?.focus();
    isNavigating.current = false;
  }, [chart]);
  const go = useCallback((id: string | null) => {
    isNavigating.current = true;
    goTo(id);
    // oxlint-disable-next-line react/exhaustive-deps -- `goTo` only changes the address
  }, []);
  return (
    <section className={classes.view} aria-busy={state.isLoading || undefined} aria-labelledby="chart-name">
      <ChartStatus state={state} onShowAll={() => goTo(null)} />
      {chart && (
        <>
          <ChartPath path={chart.path} onGo={go} />
          <h2 id="chart-name" ref={heading} tabIndex={-1} className={classes.heading}>
            {chart.root.id === null ? (
              t("everything")
            ) : (
              <DisplayName name={chart.root.name} nameless={t("department")} />
            )}
          </h2>
          <p className={classes.summary}>
            {t("summary", { total: chart.root.total, direct: chart.root.direct })}
          </p>
          <HeadcountChart kind={kind} root={chart.root} onPick={go} />
          {chart.root.hasChildren && <HeadcountTable root={chart.root} onGo={go} />}
        </>
      )}
    </section>
  );
}
