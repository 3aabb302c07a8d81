"use client";

import { IconChevronRight } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { MouseEvent } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import type { Step } from "@/lib/directory/reader/paths";
import classes from "./charts.module.css";

type Props = {
  readonly path: readonly Step[];
  readonly onGo: (id: string | null) => void;
};

/** The path to the chart's department. Each step opens its chart. */
export function ChartPath({ path, onGo }: Props) {
  const t = useTranslations("charts");
  const directory = useTranslations("directory");
  if (path.length < 2) return null;
  const onClick = (event: MouseEvent, id: string) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onGo(id);
  };
  return (
    <nav aria-label={t("path")}>
      <ol className={classes.path}>
        {path.map(({ id, name }, index) => (
          <li key={id}>
            {index > 0 && <IconChevronRight size={12} aria-hidden />}
            {index === path.length - 1 ? (
              <span aria-current="page">
                <DisplayName name={name} nameless={directory("nameless")} />
              </span>
            ) : (
              <a href={`?node=${id}`} onClick={(event) => onClick(event, id)}>
                <DisplayName name={name} nameless={directory("nameless")} />
              </a>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
