"use client";

import { IconLayoutDashboard, IconSettings } from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import classes from "./nav-links.module.css";

const ICONS = { overview: IconLayoutDashboard, settings: IconSettings } as const;

export type NavEntry = {
  readonly href: string;
  readonly label: string;
  readonly icon: keyof typeof ICONS;
  /** The entry is current on its own page only, not on those below it. */
  readonly isExact?: boolean;
};

type Props = { readonly label: string; readonly title?: string; readonly entries: readonly NavEntry[] };

/** One group of the navigation. */
export function NavLinks({ label, title, entries }: Props) {
  const path = usePathname();
  if (entries.length === 0) return null;
  return (
    <nav aria-label={label}>
      {title && <p className={classes.title}>{title}</p>}
      <ul className={classes.list}>
        {entries.map(({ href, label: text, icon, isExact }) => {
          const Icon = ICONS[icon];
          const isCurrent = path === href || (!isExact && path.startsWith(`${href}/`));
          return (
            <li key={href}>
              <Link href={href} className={classes.link} aria-current={isCurrent ? "page" : undefined}>
                <Icon size={18} aria-hidden />
                {text}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
