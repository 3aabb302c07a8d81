"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { DisplayName } from "@/app/_components/text/display-name";
import type { ChartPicture } from "@/lib/directory/charts/schema";
import { ChartStatus, useChartData } from "./chart-data";
import { ChartPath, useChartRoot } from "./chart-path";
import classes from "./charts.module.css";
import { OrgChartBox } from "./org-chart-box";
import { layOut, lineBetween, type Move, moveFor } from "./org-chart-layout";
import { saveFile, standaloneSvg } from "./save-svg";

const focusBox = (svg: SVGSVGElement | null, index: number): void =>
  svg?.querySelectorAll<SVGGElement>("[data-box]")[index]?.focus();

type OrgChartProps = {
  readonly picture: ChartPicture;
  readonly label: string;
  readonly onGo: (id: string) => void;
  /** Whether the focus comes here, for it was on what is gone. */
  readonly takesFocus: boolean;
};

/** The boxes, with one stop of the keyboard; keys as in the tree. */
function OrgChart({ picture, label, onGo, takesFocus }: OrgChartProps) {
  const t = useTranslations("pictures");
  const svg = useRef<SVGSVGElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [stop, setStop] = useState<string | null>(null);
  const { boxes, width, height } = useMemo(() => layOut(picture.boxes, folded), [picture, folded]);
  const stopIndex = Math.max(
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
  const move = (made: Move) => {
    if ("to" in made) focus(made.to);
    else if ("into" in made) onGo(made.into);
    else if ("fold" in made) fold(made.fold, true);
    else fold(made.unfold, false);
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const made = moveFor(event.key, boxes, index);
    if (!made) return;
    event.preventDefault();
    move(made);
  };
  const press = (index: number) => {
    focus(index);
    const made = moveFor("Enter", boxes, index);
    if (made) move(made);
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
              isStop={index === stopIndex}
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

/** How many of the root's children have no box, where there is one root. */
function untoldOf({ boxes }: ChartPicture): number {
  const [root] = boxes;
  const told = boxes.filter(({ parentId }) => parentId === root?.id).length;
  return root && told > 0 ? root.childCount - told : 0;
}

/** The departments below one as boxes, with their managers. */
export default function OrgChartView({ address }: { readonly address: string }) {
  const t = useTranslations("pictures");
  const directory = useTranslations("directory");
  const { root, goTo } = useChartRoot();
  const state = useChartData<ChartPicture>(address, "chart", root);
  const [hasGone, setGone] = useState(false);
  const { picture } = state;
  const go = (id: string | null) => {
    setGone(true);
    goTo(id);
  };
  const name = picture?.path.at(-1)?.name;
  const untold = picture ? untoldOf(picture) : 0;
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
          <h2 id="picture-name" className={classes.heading}>
            {name === undefined ? (
              t("everything")
            ) : (
              <DisplayName name={name} nameless={directory("nameless")} />
            )}
          </h2>
          <p className={classes.help}>{t("chartHelp")}</p>
          {untold > 0 && <p className={classes.help}>{t("untold", { n: untold })}</p>}
          <OrgChart
            key={picture.boxes[0]?.id}
            picture={picture}
            label={t("chartOf", { name: name ?? t("everything") })}
            onGo={go}
            takesFocus={hasGone}
          />
        </>
      )}
    </section>
  );
}
