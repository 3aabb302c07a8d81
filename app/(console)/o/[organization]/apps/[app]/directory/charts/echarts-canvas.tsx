"use client";

import { LineChart, SunburstChart, TreemapChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type ChartColors, readChartColors } from "./chart-colors";
import classes from "./charts.module.css";

// Only what is drawn: all of ECharts would be three times as large.
use([TreemapChart, SunburstChart, LineChart, TooltipComponent, GridComponent, CanvasRenderer]);

export type DrawArea = { readonly width: number; readonly colors: ChartColors };
type Option = Parameters<ECharts["setOption"]>[0];

type Props = {
  /** What is drawn, said to whoever doesn't see it; a table has the figures. */
  readonly label: string;
  readonly optionFor: (room: DrawArea) => Option;
  /** A box or a piece was pressed. @param id what its data has as `target` */
  readonly onPick?: (id: string) => void;
};

const targetOf = (data: unknown): string | null => {
  const target = (data as { target?: unknown } | null)?.target;
  return typeof target === "string" ? target : null;
};

/** A picture by ECharts, as large as there is room, in the colors of the scheme. */
export default function EChartsCanvas({ label, optionFor, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [width, setWidth] = useState(0);
  const scheme = useRenderedScheme();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // Drawn on a canvas: the other renderer writes style elements, which our policy refuses.
    const made = init(element, null, { renderer: "canvas" });
    const observer = new ResizeObserver(() => {
      made.resize();
      setWidth(element.clientWidth);
    });
    observer.observe(element);
    setChart(made);
    return () => {
      observer.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    if (!chart || !box.current || width === 0) return;
    const colors = readChartColors(box.current);
    chart.setOption({ animation: false, ...optionFor({ width, colors }) }, { notMerge: true });
    // oxlint-disable-next-line react/exhaustive-deps -- the scheme changes what the colors reads
  }, [chart, width, scheme, optionFor]);
  useEffect(() => {
    if (!chart || !onPick) return;
    const onClick = ({ data }: { data?: unknown }) => {
      const target = targetOf(data);
      if (target !== null) onPick(target);
    };
    chart.on("click", onClick);
    return () => void chart.off("click", onClick);
  }, [chart, onPick]);
  return <div ref={box} className={classes.drawing} role="img" aria-label={label} />;
}

const ATTRIBUTE = "data-mantine-color-scheme";

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [ATTRIBUTE] });
  return () => observer.disconnect();
}

/** The scheme that is shown, known as soon as the style sheets have it: what is drawn on a canvas asks them. */
export const useRenderedScheme = (): string | null =>
  useSyncExternalStore(
    subscribe,
    () => document.documentElement.getAttribute(ATTRIBUTE),
    () => null,
  );
