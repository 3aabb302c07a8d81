"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import type { RemovedGroup, RemovedGroups } from "@/lib/directory/changes/removed-groups";
import classes from "./decision.module.css";

type Props = {
  readonly groups: RemovedGroups;
  /** Address of the route that returns a group's children. */
  readonly feed: string;
  /** Address of the full list of changes. */
  readonly list: string;
};

type ChildrenState = RemovedGroups | "closed" | "loading" | "failed";

async function loadChildren(feed: string, parent: string): Promise<ChildrenState> {
  try {
    const response = await fetch(`${feed}?${new URLSearchParams({ parent })}`, { cache: "no-store" });
    return response.ok ? ((await response.json()) as RemovedGroups) : "failed";
  } catch {
    return "failed";
  }
}

/** A department to be removed, with its counts. Its children are loaded when it is opened. */
function Group({ group, feed, list }: Omit<Props, "groups"> & { readonly group: RemovedGroup }) {
  const t = useTranslations("sync");
  const held = useTranslations("held");
  const [children, setChildren] = useState<ChildrenState>("closed");
  const [isOpen, setIsOpen] = useState(false);
  const { departments, members } = group;
  const contents = [
    departments > 0 && held("subDepartments", { n: departments }),
    members > 0 && t("memberCount", { n: members }),
  ].filter((text) => text !== false);
  const toggle = () => {
    setIsOpen(!isOpen);
    if (isOpen || typeof children === "object") return;
    setChildren("loading");
    void loadChildren(feed, group.id).then(setChildren);
  };
  return (
    <li>
      <div className={classes.group}>
        <span className={classes.name}>
          <span aria-hidden>− </span>
          <DisplayName name={group.name} nameless={held("nameless")} />
          {contents.length > 0 && (
            <span className={classes.dimmed}> {held("with", { what: contents.join(t("and")) })}</span>
          )}
          {group.path.length > 0 && (
            <span className={classes.path}>
              <DisplayName name={group.path.join(" › ")} nameless="" />
            </span>
          )}
        </span>
        {contents.length > 0 && (
          <button type="button" className={classes.toggle} aria-expanded={isOpen} onClick={toggle}>
            {held(isOpen ? "close" : "open")}
            <span className="visually-hidden"> {group.name}</span>
          </button>
        )}
      </div>
      {isOpen && children === "loading" && <p className={classes.dimmed}>{held("opening")}</p>}
      {isOpen && children === "failed" && <p role="alert">{held("notOpened")}</p>}
      {isOpen && typeof children === "object" && <RemovalsTree groups={children} feed={feed} list={list} />}
    </li>
  );
}

/** The subtrees that a plan removes, largest first, and the members it removes individually. */
export function RemovalsTree({ groups, feed, list }: Props) {
  const held = useTranslations("held");
  const left = groups.groupsTotal - groups.groups.length;
  const peopleLeft = groups.peopleTotal - groups.people.length;
  return (
    <ul className={classes.removed}>
      {groups.groups.map((group) => (
        <Group key={group.id} group={group} feed={feed} list={list} />
      ))}
      {left > 0 && (
        <li>
          <a href={`${list}#changes`}>{held("moreDepartments", { n: left })}</a>
        </li>
      )}
      {groups.people.map(({ id, name }) => (
        <li key={id} className={classes.person}>
          <span aria-hidden>− </span>
          <DisplayName name={name} nameless={id} />
        </li>
      ))}
      {peopleLeft > 0 && (
        <li>
          <a href={`${list}&object=member#changes`}>{held("moreMembers", { n: peopleLeft })}</a>
        </li>
      )}
    </ul>
  );
}
