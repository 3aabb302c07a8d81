"use client";

import {
  IconApi,
  IconApps,
  IconBinaryTree,
  IconBolt,
  IconBuilding,
  IconBuildingPlus,
  IconKey,
  IconLanguage,
  IconLayoutDashboard,
  IconListSearch,
  IconLogout,
  IconMoon,
  IconPlug,
  IconPlugConnected,
  IconRefresh,
  IconSettings,
  IconSitemap,
  IconUser,
  IconUserCircle,
} from "@tabler/icons-react";
import { useId } from "react";
import { Link } from "../navigation/link";
import type { PaletteEntry } from "./entry";
import classes from "./palette.module.css";

/** Icons by the first part of an entry's id. */
const ICONS: Readonly<Record<string, typeof IconApps>> = {
  account: IconUserCircle,
  apiKeys: IconApi,
  app: IconPlug,
  appSettings: IconSettings,
  apps: IconApps,
  calls: IconListSearch,
  connect: IconPlug,
  create: IconBuildingPlus,
  department: IconSitemap,
  directory: IconBinaryTree,
  events: IconBolt,
  language: IconLanguage,
  member: IconUser,
  organization: IconBuilding,
  overview: IconLayoutDashboard,
  scheme: IconMoon,
  settings: IconSettings,
  signOut: IconLogout,
  sync: IconRefresh,
  syncs: IconRefresh,
  test: IconPlugConnected,
  token: IconKey,
};

type Props = { readonly entry: PaletteEntry; readonly onChoose: (entry: PaletteEntry) => void };

function Content({ entry: { id, label, detail } }: { readonly entry: PaletteEntry }) {
  const Icon = ICONS[id.split("-", 1)[0] ?? ""] ?? IconApps;
  return (
    <>
      <Icon size={18} aria-hidden className={classes.icon} />
      <span className={classes.words}>
        <bdi className={classes.label}>{label}</bdi>
        {detail && <bdi className={classes.detail}>{detail}</bdi>}
      </span>
    </>
  );
}

/** One option. Entries that open a page are links, so that they also open in a new tab. */
export function PaletteOption({ entry, onChoose }: Props) {
  const id = useId();
  const shared = {
    id,
    role: "option",
    // `useSelection` sets the real value.
    "aria-selected": false,
    "data-action": true,
    tabIndex: -1,
    className: classes.option,
    // Keeps the focus in the search field.
    onMouseDown: (event: { preventDefault: () => void }) => event.preventDefault(),
  };
  if (entry.action.type === "open") {
    return (
      <Link {...shared} href={entry.action.href} onClick={() => onChoose(entry)}>
        <Content entry={entry} />
      </Link>
    );
  }
  return (
    <button {...shared} type="button" onClick={() => onChoose(entry)}>
      <Content entry={entry} />
    </button>
  );
}
