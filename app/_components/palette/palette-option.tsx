"use client";

import {
  IconApi,
  IconApps,
  IconBinaryTree,
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

/** By what an entry's id begins with. */
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

/** One line of the palette; what opens a page is a link, so that it can be opened beside this one too. */
export function PaletteOption({ entry, onChoose }: Props) {
  const id = useId();
  const shared = {
    id,
    role: "option",
    // Which one is selected is said by `useSelection`.
    "aria-selected": false,
    "data-action": true,
    tabIndex: -1,
    className: classes.option,
    // The focus stays in the field.
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
