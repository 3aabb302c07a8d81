"use client";

import { useFormatter, useTranslations } from "next-intl";
import type { KeyboardEvent } from "react";
import { plainTextName } from "@/app/_components/text/split-name";
import { BOX, type Placed } from "./org-chart-layout";
import { wrapText } from "./svg-text";

const PAD = 12;
const NAME = { size: 14, line: 18 } as const;
const SMALL = 12;
const INNER = BOX.width - 2 * PAD;

function useTexts({ name, managers, managerCount, total, direct, childCount }: Placed) {
  const t = useTranslations("charts");
  const directory = useTranslations("directory");
  const format = useFormatter();
  const more = managerCount - managers.length;
  const names = [
    ...managers.map((one) => plainTextName(one, directory("nameless"))),
    ...(more > 0 ? [t("moreManagers", { n: more })] : []),
  ];
  return {
    name: plainTextName(name, directory("nameless")),
    managers: names.length === 0 ? t("noManager") : t("managers", { names: format.list(names) }),
    people: t("summary", { total, direct }),
    children: childCount === 0 ? null : t("childCount", { n: childCount }),
    sign: format.number(childCount),
  };
}

type Props = {
  readonly box: Placed;
  readonly isTabStop: boolean;
  readonly onPress: () => void;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
};

/** A department's box: name, managers, headcount, and the button that folds its children. */
export function OrgChartBox({ box, isTabStop, onPress, onFocus, onKeyDown }: Props) {
  const texts = useTexts(box);
  const { id, x, y, level, position, siblings, children } = box;
  const lines = wrapText(texts.name, INNER / NAME.size, 2);
  const small = (text: string) => wrapText(text, INNER / SMALL, 1)[0];
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree handles keys
    <g
      role="treeitem"
      tabIndex={isTabStop ? 0 : -1}
      aria-label={[texts.name, texts.managers, texts.people, texts.children].filter(Boolean).join(", ")}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={children === "none" ? undefined : children === "shown"}
      aria-selected={false}
      data-box={id}
      transform={`translate(${x} ${y})`}
      onClick={onPress}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      <title>{`${texts.name}\n${texts.managers}`}</title>
      <rect data-part="box" width={BOX.width} height={BOX.height} rx={8} />
      {lines.map((line, index) => (
        <text
          // oxlint-disable-next-line react/no-array-index-key -- lines are identified by position only
          key={index}
          data-part="name"
          x={PAD}
          y={PAD + NAME.size - 2 + index * NAME.line}
          font-size={NAME.size}
          font-weight={500}
        >
          {line}
        </text>
      ))}
      <text data-part="dimmed" x={PAD} y={BOX.height - 30} font-size={SMALL}>
        {small(texts.managers)}
      </text>
      <text data-part="dimmed" x={PAD} y={BOX.height - 12} font-size={SMALL}>
        {small(texts.people)}
      </text>
      {children !== "none" && (
        <g transform={`translate(${BOX.width - 20} ${BOX.height / 2 - 11})`}>
          <rect data-part="sign" width={40} height={22} rx={11} />
          <text data-part="signText" x={20} y={15} font-size={SMALL} text-anchor="middle">
            {children === "shown" ? "−" : `+${texts.sign}`}
          </text>
        </g>
      )}
    </g>
  );
}
