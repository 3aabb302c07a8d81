"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { DisplayName } from "@/app/_components/text/display-name";
import type { OrganizationChart } from "@/lib/directory/charts/schema";
import { useChartRoot } from "../url-state";
import { ChartStatus, useChartData } from "./chart-data";
import { ChartPath } from "./chart-path";
import classes from "./charts.module.css";
import { OrgChartBox } from "./org-chart-box";
import { layOut, lineBetween, type Move, moveFor } from "./org-chart-layout";
import { saveFile, standaloneSvg } from "./save-svg";

const focusBox = (svg: SVGSVGElement | null, index: number): void =>
  svg?.querySelectorAll<SVGGElement>("[data-box]")[index]?.focus();

type OrgChartProps = {
  readonly chart: OrganizationChart;
  readonly label: string;
  readonly onGo: (id: string) => void;
  /** Takes the focus from an element that was removed. */
  readonly takesFocus: boolean;
};

/** The boxes, with one tab stop and the keys of the tree. */
function OrgChart({ chart, label, onGo, takesFocus }: OrgChartProps) {
  const t = useTranslations("charts");
  const svg = useRef<SVGSVGElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [stop, setStop] = useState<string | null>(null);
  const { boxes, width, height } = useMemo(() => layOut(chart.boxes, folded), [chart, folded]);
  const tabStopIndex = Math.max(
    0,
    boxes.findIndex(({ id }) => id === stop),
  );

  const focus = (index: number) => focusBox(svg.current, index);
  useEffect(() => {
    if (takesFocus) focusBox(svg.current, 0);
  }, [takesFocus, svg]);

  const fold = (id: string, isFolded: boolean) => {
    const changed = new Set(folded);
    if (isFolded) changed.add(id);
    else changed.delete(id);
    setFolded(changed);
    announce(t(isFolded ? "foldedNow" : "unfoldedNow"));
  };
  const move = (change: Move) => {
    if ("to" in change) focus(change.to);
    else if ("into" in change) onGo(change.into);
    else if ("fold" in change) fold(change.fold, true);
    else fold(change.unfold, false);
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const change = moveFor(event.key, boxes, index);
    if (!change) return;
    event.preventDefault();
    move(change);
  };
  const press = (index: number) => {
    focus(index);
    const change = moveFor("Enter", boxes, index);
    if (change) move(change);
  };
  const save = () => {
    if (svg.current) saveFile(standaloneSvg(svg.current), `${label}.svg`, "image/svg+xml");
  };
  return (
    <>
      <div className={classes.tools}>
        <Button variant="default" size="xs" onClick={save}>
          {t("saveSvg")}
        </Button>
      </div>
      <div className={classes.chart}>
        <svg
          ref={svg}
          role="tree"
          aria-label={label}
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
        >
          <g role="presentation">
            {boxes.map((box) => {
              const parent = box.parent === null ? undefined : boxes[box.parent];
              return parent && <path key={box.id} data-part="line" d={lineBetween(parent, box)} />;
            })}
          </g>
          {boxes.map((box, index) => (
            <OrgChartBox
              key={box.id}
              box={box}
              isTabStop={index === tabStopIndex}
              onPress={() => press(index)}
              onFocus={() => setStop(box.id)}
              onKeyDown={(event) => onKey(event, index)}
            />
          ))}
        </svg>
      </div>
    </>
  );
}

/** Returns how many children of a single root have no box. */
function omittedChildren({ boxes }: OrganizationChart): number {
  const [root] = boxes;
  const shown = boxes.filter(({ parentId }) => parentId === root?.id).length;
  return root && shown > 0 ? root.childCount - shown : 0;
}

/** The organization chart: departments as boxes with their managers. */
export default function OrgChartView({ address }: { readonly address: string }) {
  const t = useTranslations("charts");
  const directory = useTranslations("directory");
  const { root, goTo } = useChartRoot();
  const state = useChartData<OrganizationChart>(address, "chart", root);
  const [hasNavigated, setNavigated] = useState(false);
  const { chart } = state;
  const go = (id: string | null) => {
    setNavigated(true);
    goTo(id);
  };
  const name = chart?.path.at(-1)?.name;
  const omitted = chart ? omittedChildren(chart) : 0;
  return (
    <section className={classes.view} aria-busy={state.isLoading || undefined} aria-labelledby="chart-name">
      <ChartStatus state={state} onShowAll={() => goTo(null)} />
      {chart && (
        <>
          <ChartPath path={chart.path} onGo={go} />
          <h2 id="chart-name" className={classes.heading}>
            {name === undefined ? (
              t("everything")
            ) : (
              <DisplayName name={name} nameless={directory("nameless")} />
            )}
          </h2>
          <p className={classes.help}>{t("chartHelp")}</p>
          {omitted > 0 && <p className={classes.help}>{t("untold", { n: omitted })}</p>}
          <OrgChart
            key={chart.boxes[0]?.id}
            chart={chart}
            label={t("chartOf", { name: name ?? t("everything") })}
            onGo={go}
            takesFocus={hasNavigated}
          />
        </>
      )}
    </section>
  );
}
