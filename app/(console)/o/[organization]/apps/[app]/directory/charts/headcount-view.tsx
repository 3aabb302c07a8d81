"use client";

import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import type { Headcount, HeadcountPicture } from "@/lib/directory/charts/schema";
import { ChartStatus, useChartData } from "./chart-data";
import { ChartPath, useChartRoot } from "./chart-path";
import classes from "./charts.module.css";
import EChartsCanvas, { type DrawArea } from "./echarts-canvas";
import { sunburstOption, treemapOption, type Words } from "./headcount-options";
import { HeadcountTable } from "./headcount-table";
import { plainTextName } from "./svg-text";

type Kind = "treemap" | "sunburst";

function useWords(): Words {
  const t = useTranslations("pictures");
  const directory = useTranslations("directory");
  return {
    nameless: directory("nameless"),
    everything: t("everything"),
    directOf: (name) => t("directOf", { name }),
    rest: (n) => t("rest", { n }),
    people: (n) => t("people", { n }),
  };
}

type PictureProps = {
  readonly kind: Kind;
  readonly root: Headcount;
  readonly onPick: (id: string) => void;
};

/** The drawing, or why nothing can be drawn of this department. */
function Picture({ kind, root, onPick }: PictureProps) {
  const t = useTranslations("pictures");
  const words = useWords();
  // Made anew with what it draws: the words are the same as long as the page is.
  const optionFor = useCallback(
    (room: DrawArea) => (kind === "treemap" ? treemapOption : sunburstOption)(root, words, room),
    // oxlint-disable-next-line react/exhaustive-deps -- the words don't change
    [kind, root],
  );
  if (root.total === 0)
    return <p className={classes.none}>{t(root.id === null ? "nobody" : "nobodyHere")}</p>;
  if (!root.hasChildren) return <p className={classes.none}>{t("single")}</p>;
  const name = root.id === null ? words.everything : plainTextName(root.name, words.nameless);
  return (
    <>
      <p className={classes.help}>{t(`${kind}Help`)}</p>
      <EChartsCanvas label={t(`${kind}Of`, { name })} optionFor={optionFor} onPick={onPick} />
    </>
  );
}

type Props = { readonly address: string; readonly kind: Kind };

/** The people of a department by what they are in: drawn, and as a table with the same figures. */
export default function HeadcountView({ address, kind }: Props) {
  const t = useTranslations("pictures");
  const { root: rootId, goTo } = useChartRoot();
  const state = useChartData<HeadcountPicture>(address, kind, rootId);
  const heading = useRef<HTMLHeadingElement>(null);
  const isGoing = useRef(false);
  const { picture } = state;
  useEffect(() => {
    // What was pressed is gone with the old picture.
    if (picture && isGoing.current) heading.current?.focus();
    isGoing.current = false;
  }, [picture]);
  const go = useCallback((id: string | null) => {
    isGoing.current = true;
    goTo(id);
    // oxlint-disable-next-line react/exhaustive-deps -- it only writes the address
  }, []);
  return (
    <section
      className={classes.picture}
      aria-busy={state.isLoading || undefined}
      aria-labelledby="picture-name"
    >
      <ChartStatus state={state} onAll={() => goTo(null)} />
      {picture && (
        <>
          <ChartPath path={picture.path} onGo={go} />
          <h2 id="picture-name" ref={heading} tabIndex={-1} className={classes.heading}>
            {picture.root.id === null ? (
              t("everything")
            ) : (
              <DisplayName name={picture.root.name} nameless={t("department")} />
            )}
          </h2>
          <p className={classes.summary}>
            {t("summary", { total: picture.root.total, direct: picture.root.direct })}
          </p>
          <Picture kind={kind} root={picture.root} onPick={go} />
          {picture.root.hasChildren && <HeadcountTable root={picture.root} onGo={go} />}
        </>
      )}
    </section>
  );
}
