"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import type { Headcount } from "@/lib/directory/charts/schema";
import classes from "./charts.module.css";

type Line = {
  readonly key: string;
  readonly level: number;
  readonly node?: Headcount;
  readonly rest?: NonNullable<Headcount["rest"]>;
};

/** Returns all departments of the chart, parents before children. */
function linesOf(node: Headcount, level = 1): Line[] {
  const rest = node.rest && [{ key: `rest of ${node.id ?? ""}`, level, rest: node.rest }];
  return [
    ...(node.children ?? []).flatMap((child): Line[] => [
      { key: child.id ?? "", level, node: child },
      ...linesOf(child, level + 1),
    ]),
    ...(rest ?? []),
  ];
}

const percent = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

type NameProps = { readonly line: Line; readonly onGo: (id: string) => void };

function Name({ line: { node, rest }, onGo }: NameProps) {
  const t = useTranslations("charts");
  const directory = useTranslations("directory");
  if (rest) return t("rest", { n: rest.departments });
  if (!node) return null;
  const name = <DisplayName name={node.name} nameless={directory("nameless")} />;
  const { id, hasChildren } = node;
  if (!hasChildren || id === null) return name;
  return (
    <button type="button" className={classes.go} onClick={() => onGo(id)} data-go={id}>
      {name}
    </button>
  );
}

type Props = { readonly root: Headcount; readonly onGo: (id: string) => void };

/** The chart's numbers as a table. A department with sub-departments opens its chart. */
export function HeadcountTable({ root, onGo }: Props) {
  const t = useTranslations("charts");
  const format = useFormatter();
  const [isOpen, setOpen] = useState(false);
  const number = (n: number) => format.number(n);
  return (
    <details className={classes.figures} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("asTable")}</summary>
      {isOpen && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroll container must be reachable by keyboard
        <div className={classes.scroll} role="region" aria-label={t("tableName")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("department")}</th>
                <th scope="col">{t("direct")}</th>
                <th scope="col">{t("total")}</th>
                <th scope="col">{t("share")}</th>
              </tr>
            </thead>
            <tbody>
              {linesOf(root).map((line) => (
                <tr key={line.key}>
                  <th scope="row" data-level={line.level}>
                    <Name line={line} onGo={onGo} />
                  </th>
                  <td>{line.node ? number(line.node.direct) : "–"}</td>
                  <td>{number(line.node?.total ?? line.rest?.people ?? 0)}</td>
                  <td>
                    {format.number(percent(line.node?.total ?? line.rest?.people ?? 0, root.total), {
                      style: "percent",
                      maximumFractionDigits: 1,
                    })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
