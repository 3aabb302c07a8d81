"use client";

import dynamic from "next/dynamic";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { Link } from "@/app/_components/navigation/link";
import { CHART_KINDS, type ChartKind } from "@/lib/directory/charts/kinds";
import classes from "./charts.module.css";

const VIEWS = ["tree", ...CHART_KINDS] as const;

/** Switches between the tree and the charts, keeping the selected department. */
export function ViewSwitch({ view }: { readonly view: "tree" | ChartKind }) {
  const t = useTranslations("directory");
  const parameters = useSearchParams();
  // Charts show only the present.
  if (parameters.has("at")) return null;
  const node = parameters.get("node");
  const addressOf = (one: (typeof VIEWS)[number]) =>
    `?${new URLSearchParams({ ...(one !== "tree" && { view: one }), ...(node !== null && { node }) }).toString()}`;
  return (
    <nav aria-label={t("view.name")} className={classes.views}>
      {VIEWS.map((one) => (
        <Link key={one} href={addressOf(one)} aria-current={one === view ? "page" : undefined} scroll={false}>
          {t(`view.${one}`)}
        </Link>
      ))}
    </nav>
  );
}

/** Each chart's script is loaded on first use. It fetches in the browser only. */
const HeadcountView = dynamic(() => import("./headcount-view"), { ssr: false });
const OrgChartView = dynamic(() => import("./org-chart-view"), { ssr: false });
const GrowthView = dynamic(() => import("./growth-view"), { ssr: false });

type Props = { readonly view: ChartKind; readonly address: string };

/**
 * Shows the chosen chart.
 *
 * @param address of the directory page
 */
export function SelectedChart({ view, address }: Props) {
  if (view === "growth") return <GrowthView address={address} />;
  if (view === "chart") return <OrgChartView address={address} />;
  return <HeadcountView address={address} kind={view} />;
}
