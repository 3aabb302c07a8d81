"use client";

import { LineChart, SunburstChart, TreemapChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef, useState } from "react";
import { type Palette, readPalette } from "./palette";
import classes from "./pictures.module.css";
import { useScheme } from "./use-scheme";

// Only what is drawn: all of ECharts would be three times as large.
use([TreemapChart, SunburstChart, LineChart, TooltipComponent, GridComponent, CanvasRenderer]);

export type Room = { readonly width: number; readonly palette: Palette };
type Option = Parameters<ECharts["setOption"]>[0];

type Props = {
  /** What is drawn, said to whoever doesn't see it; a table has the figures. */
  readonly label: string;
  readonly optionFor: (room: Room) => Option;
  /** A box or a piece was pressed. @param id what its data has as `target` */
  readonly onPick?: (id: string) => void;
};

const targetOf = (data: unknown): string | null => {
  const target = (data as { target?: unknown } | null)?.target;
  return typeof target === "string" ? target : null;
};

/** A picture by ECharts, as large as there is room, in the colours of the scheme. */
export default function Drawing({ label, optionFor, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [width, setWidth] = useState(0);
  const scheme = useScheme();
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
    const palette = readPalette(box.current);
    chart.setOption({ animation: false, ...optionFor({ width, palette }) }, { notMerge: true });
    // oxlint-disable-next-line react/exhaustive-deps -- the scheme changes what the palette reads
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
