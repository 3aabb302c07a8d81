"use client";

import { useTranslations } from "next-intl";
import { DisplayName } from "@/app/_components/text/display-name";
import type { NamedMember } from "@/lib/directory/tree/schema";
import classes from "./detail.module.css";
import { InPageLink } from "./facts";
import type { PanelLinks } from "./panel-links";

type Props = {
  readonly people: readonly NamedMember[];
  /** The department in which they are opened. */
  readonly node: string;
  readonly links: Pick<PanelLinks, "at" | "onMember">;
};

/** People by their names; of those whom the directory doesn't have, the id. */
export function People({ people, node, links: { at, onMember } }: Props) {
  const t = useTranslations("directory");
  return (
    <ul className={classes.people}>
      {people.map(({ id, name }) => (
        <li key={id}>
          {name === null ? (
            <code title={t("notInDirectory")}>{id}</code>
          ) : (
            <InPageLink
              query={`node=${node}&member=${encodeURIComponent(id)}${at === null ? "" : `&at=${at}`}`}
              onOpen={() => onMember(id, name)}
            >
              <DisplayName name={name} nameless={t("nameless")} />
            </InPageLink>
          )}
        </li>
      ))}
    </ul>
  );
}
