"use client";

import {
  IconApps,
  IconBinaryTree,
  IconKey,
  IconLayoutDashboard,
  IconPlug,
  IconRefresh,
  IconSettings,
} from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import classes from "./nav-links.module.css";

const ICONS = {
  app: IconPlug,
  apps: IconApps,
  directory: IconBinaryTree,
  overview: IconLayoutDashboard,
  settings: IconSettings,
  syncs: IconRefresh,
  token: IconKey,
} as const;

export type NavEntry = {
  readonly href: string;
  readonly label: string;
  readonly icon: keyof typeof ICONS;
  /** The entry is current on its own page only, not on those below it. */
  readonly isExact?: boolean;
  /** Seen only while one is on this entry's page or below it. */
  readonly below?: readonly NavEntry[];
};

type Props = { readonly title?: string; readonly entries: readonly NavEntry[] };

function Entry({ entry, path }: { readonly entry: NavEntry; readonly path: string }) {
  const { href, label, icon, isExact, below } = entry;
  const Icon = ICONS[icon];
  const isHere = path === href || path.startsWith(`${href}/`);
  const isCurrent = path === href || (isHere && !isExact && !below);
  return (
    <li>
      <Link href={href} className={classes.link} aria-current={isCurrent ? "page" : undefined}>
        <Icon size={18} aria-hidden className={classes.icon} />
        <bdi>{label}</bdi>
      </Link>
      {below && isHere && (
        <ul className={classes.below}>
          {below.map((inner) => (
            <Entry key={inner.href} entry={inner} path={path} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** One group of the navigation. */
export function NavLinks({ title, entries }: Props) {
  const path = usePathname();
  if (entries.length === 0) return null;
  return (
    <div>
      {title && <p className={classes.title}>{title}</p>}
      <ul className={classes.list}>
        {entries.map((entry) => (
          <Entry key={entry.href} entry={entry} path={path} />
        ))}
      </ul>
    </div>
  );
}
