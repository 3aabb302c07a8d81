"use client";

import { LineChart, SunburstChart, TreemapChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type ChartColors, readChartColors } from "./chart-colors";
import classes from "./charts.module.css";

// Registers only the parts in use. All of ECharts is three times as large.
use([TreemapChart, SunburstChart, LineChart, TooltipComponent, GridComponent, CanvasRenderer]);

export type DrawArea = { readonly width: number; readonly colors: ChartColors };
type Option = Parameters<ECharts["setOption"]>[0];

type Props = {
  /** Text alternative. A table has the numbers. */
  readonly label: string;
  readonly optionFor: (room: DrawArea) => Option;
  /** Called with the `target` of the clicked item. */
  readonly onPick?: (id: string) => void;
};

const targetOf = (data: unknown): string | null => {
  const target = (data as { target?: unknown } | null)?.target;
  return typeof target === "string" ? target : null;
};

/** An ECharts canvas that fills the available width and follows the color scheme. */
export default function EChartsCanvas({ label, optionFor, onPick }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [width, setWidth] = useState(0);
  const scheme = useRenderedScheme();
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    // The SVG renderer writes style elements, which the content security policy refuses.
    const instance = init(element, null, { renderer: "canvas" });
    const observer = new ResizeObserver(() => {
      instance.resize();
      setWidth(element.clientWidth);
    });
    observer.observe(element);
    setChart(instance);
    return () => {
      observer.disconnect();
      instance.dispose();
    };
  }, []);
  useEffect(() => {
    if (!chart || !container.current || width === 0) return;
    const colors = readChartColors(container.current);
    chart.setOption({ animation: false, ...optionFor({ width, colors }) }, { notMerge: true });
    // oxlint-disable-next-line react/exhaustive-deps -- the scheme changes the colors that are read
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
  return <div ref={container} className={classes.canvas} role="img" aria-label={label} />;
}

const SCHEME_ATTRIBUTE = "data-mantine-color-scheme";

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [SCHEME_ATTRIBUTE] });
  return () => observer.disconnect();
}

/**
 * Returns the rendered color scheme, from the attribute that the style sheets use. Canvas colors are read from them.
 */
export const useRenderedScheme = (): string | null =>
  useSyncExternalStore(
    subscribe,
    () => document.documentElement.getAttribute(SCHEME_ATTRIBUTE),
    () => null,
  );
