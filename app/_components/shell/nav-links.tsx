"use client";

import {
  IconApi,
  IconApps,
  IconBinaryTree,
  IconBolt,
  IconFileText,
  IconKey,
  IconLayoutDashboard,
  IconListSearch,
  IconRefresh,
  IconSettings,
  IconStethoscope,
  IconWebhook,
} from "@tabler/icons-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Link } from "../navigation/link";
import type { ConsoleOrganization, NavApp } from "./frame-types";
import { APP_PAGES, countAttention, openApp, shownApps } from "./nav-entries";
import classes from "./nav-links.module.css";

export const PAGE_ICONS = {
  apiKeys: IconApi,
  appSettings: IconSettings,
  apps: IconApps,
  calls: IconListSearch,
  directory: IconBinaryTree,
  doctor: IconStethoscope,
  events: IconBolt,
  overview: IconLayoutDashboard,
  settings: IconSettings,
  syncs: IconRefresh,
  token: IconKey,
  webhooks: IconWebhook,
} as const;

type LinkProps = {
  readonly href: string;
  readonly icon?: ReactNode;
  readonly label: string;
  readonly isCurrent: boolean;
  readonly note?: ReactNode;
};

function NavLink({ href, icon, label, isCurrent, note }: LinkProps) {
  return (
    <Link href={href} className={classes.link} aria-current={isCurrent ? "page" : undefined}>
      {icon}
      <bdi className={classes.label}>{label}</bdi>
      {note}
    </Link>
  );
}

function PageIcon({ page }: { readonly page: keyof typeof PAGE_ICONS }) {
  const Icon = PAGE_ICONS[page];
  return <Icon size={18} aria-hidden className={classes.icon} />;
}

type AppProps = { readonly app: NavApp; readonly base: string; readonly path: string };

/** An app with its state and, when open, its pages. */
function AppEntry({ app, base, path, isOpen }: AppProps & { readonly isOpen: boolean }) {
  const t = useTranslations("nav");
  const href = `${base}/apps/${app.id}`;
  const state = (
    <>
      <span className={classes.dot} data-state={app.state} aria-hidden />
      <span className="visually-hidden">{app.stateLabel}</span>
    </>
  );
  return (
    <li>
      <NavLink href={href} label={app.name} isCurrent={path === href} note={state} />
      {isOpen && (
        <ul className={classes.below}>
          {APP_PAGES.map(({ page, part }) => (
            <li key={page}>
              <NavLink
                href={`${href}/${part}`}
                icon={<PageIcon page={page} />}
                label={t(page)}
                isCurrent={path === `${href}/${part}` || path.startsWith(`${href}/${part}/`)}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** The number of broken apps and held runs. */
function AttentionCount({ count }: { readonly count: number }) {
  const t = useTranslations("nav");
  if (count === 0) return null;
  return (
    <>
      <span className={classes.trouble} aria-hidden>
        {count}
      </span>
      <span className="visually-hidden">{t("troubles", { n: count })}</span>
    </>
  );
}

export function NavLinks({ organization }: { readonly organization: ConsoleOrganization }) {
  const t = useTranslations("nav");
  const path = usePathname();
  const base = `/o/${organization.publicId}`;
  const apps = shownApps(path, organization);
  const open = openApp(path, organization);
  const at = (page: keyof typeof PAGE_ICONS, href: string, note?: ReactNode) => (
    <NavLink
      href={href}
      icon={<PageIcon page={page} />}
      label={t(page)}
      isCurrent={path === href}
      note={note}
    />
  );
  return (
    <>
      <ul className={classes.list}>
        <li>{at("overview", base, <AttentionCount count={countAttention(organization)} />)}</li>
        <li>
          {at("apps", `${base}/apps`)}
          {apps.length > 0 && (
            <ul className={classes.apps}>
              {apps.map((app) => (
                <AppEntry key={app.id} app={app} base={base} path={path} isOpen={app === open} />
              ))}
              {apps.length < organization.apps.length && (
                <li>
                  <NavLink href={`${base}/apps`} label={t("allApps")} isCurrent={false} />
                </li>
              )}
            </ul>
          )}
        </li>
        <li>{at("calls", `${base}/calls`)}</li>
        <li>
          <NavLink
            href={`${base}/webhooks`}
            icon={<PageIcon page="webhooks" />}
            label={t("webhooks")}
            isCurrent={path === `${base}/webhooks` || path.startsWith(`${base}/webhooks/`)}
          />
        </li>
        {organization.mayManageKeys && (
          <li>
            <NavLink
              href={`${base}/api-keys`}
              icon={<PageIcon page="apiKeys" />}
              label={t("apiKeys")}
              isCurrent={path === `${base}/api-keys` || path.startsWith(`${base}/api-keys/`)}
            />
          </li>
        )}
      </ul>
      <div>
        <p className={classes.title}>{t("manage")}</p>
        <ul className={classes.list}>
          <li>{at("settings", `${base}/settings`)}</li>
        </ul>
      </div>
      <ul className={classes.list}>
        <li>
          {/* oxlint-disable-next-line next/no-html-link-for-pages -- a route handler, not a page */}
          <a href="/api/v1/docs" className={classes.link}>
            <IconFileText size={18} aria-hidden className={classes.icon} />
            <bdi className={classes.label}>{t("reference")}</bdi>
          </a>
        </li>
      </ul>
    </>
  );
}
