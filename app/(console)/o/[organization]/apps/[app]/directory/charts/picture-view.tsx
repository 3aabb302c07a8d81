"use client";

import dynamic from "next/dynamic";
import type { Picture } from "@/lib/directory/pictures/kinds";

/** Each comes with its own script once it is chosen, and reads in the browser only. */
const HeadcountView = dynamic(() => import("./headcount-view"), { ssr: false });
const ChartView = dynamic(() => import("./chart-view"), { ssr: false });
const GrowthView = dynamic(() => import("./growth-view"), { ssr: false });

type Props = { readonly view: Picture; readonly address: string };

/** A picture of the directory. @param address the page's own path; its routes lie below it */
export function PictureView({ view, address }: Props) {
  if (view === "growth") return <GrowthView address={address} />;
  if (view === "chart") return <ChartView address={address} />;
  return <HeadcountView address={address} kind={view} />;
}
