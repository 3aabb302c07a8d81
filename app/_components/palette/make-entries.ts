import type { MantineColorScheme } from "@mantine/core";
import { canSync } from "@/lib/directory/runs/run-states";
import { LOCALES, type Locale } from "@/lib/i18n/locales";
import { LANGUAGE_NAMES, SCHEME_LABELS } from "../preferences/preferences";
import type { ConsoleOrganization, ConsoleUser, NavApp } from "../shell/frame-types";
import { APP_PAGES, openApp } from "../shell/nav-entries";
import type { PaletteEntry } from "./entry";

/** Translates a key of `messages/`. */
type Translate = (key: string, values?: Record<string, string>) => string;

type PaletteContext = {
  readonly organization: ConsoleOrganization | undefined;
  readonly user: ConsoleUser;
  readonly path: string;
  readonly locale: string;
  readonly scheme: MantineColorScheme;
  readonly translate: Translate;
};

const SEPARATOR = " · ";

function appPages(base: string, app: NavApp, isOpen: boolean, translate: Translate): PaletteEntry[] {
  return APP_PAGES.map(({ page, part }) => ({
    id: `${page}-${app.id}`,
    group: "goTo",
    label: translate(`nav.${page}`),
    detail: app.name,
    keywords: translate(`palette.keywords.${page}`),
    action: { type: "open", href: `${base}/apps/${app.id}/${part}` },
    isHiddenUntilTyped: !isOpen,
  }));
}

function goToEntries({ organization, path, translate }: PaletteContext): PaletteEntry[] {
  const to = (page: string, href: string): PaletteEntry => ({
    id: page,
    group: "goTo",
    label: translate(`nav.${page}`),
    keywords: translate(`palette.keywords.${page}`),
    action: { type: "open", href },
  });
  if (!organization) return [to("account", "/account")];
  const base = `/o/${organization.publicId}`;
  const open = openApp(path, organization);
  return [
    to("overview", base),
    to("apps", `${base}/apps`),
    ...organization.apps.flatMap((app) => appPages(base, app, app === open, translate)),
    to("calls", `${base}/calls`),
    to("webhooks", `${base}/webhooks`),
    ...(organization.mayManageKeys ? [to("apiKeys", `${base}/api-keys`)] : []),
    to("settings", `${base}/settings`),
    to("account", "/account"),
  ];
}

const appEntries = ({ publicId, apps }: ConsoleOrganization): PaletteEntry[] =>
  apps.map(({ id, name, appKey, stateLabel }) => ({
    id: `app-${id}`,
    group: "apps",
    label: name,
    detail: `${appKey}${SEPARATOR}${stateLabel}`,
    action: { type: "open", href: `/o/${publicId}/apps/${id}` },
  }));

/** Returns actions for an app in its present state. Choosing one only opens the page with the focus on the button. */
function appActions({ organization, path, translate }: PaletteContext, app: NavApp): PaletteEntry[] {
  if (!organization) return [];
  const isWorking = app.state === "verified";
  const open = openApp(path, organization);
  const action = (name: "sync" | "test"): PaletteEntry => ({
    id: `${name}-${app.id}`,
    group: "actions",
    label: translate(`palette.action.${name}`),
    detail: app.name,
    keywords: translate(`palette.keywords.${name}`),
    action: {
      type: "open",
      href: `/o/${organization.publicId}/apps/${app.id}`,
      button: translate(`palette.action.${name}`),
    },
    isHiddenUntilTyped: app !== open,
  });
  const entries: PaletteEntry[] = [];
  if (organization.maySync && canSync(app.state)) entries.push(action("sync"));
  if (organization.mayChange && !isWorking) entries.push(action("test"));
  return entries;
}

function organizationEntries({ organization, user, translate }: PaletteContext): PaletteEntry[] {
  const others = user.organizations.filter(({ publicId }) => publicId !== organization?.publicId);
  const entries = others.map(
    ({ publicId, name }): PaletteEntry => ({
      id: `organization-${publicId}`,
      group: "actions",
      label: translate("palette.action.organization", { name }),
      keywords: translate("palette.keywords.organization"),
      action: { type: "open", href: `/o/${publicId}` },
    }),
  );
  if (!user.mayCreate) return entries;
  return entries.concat({
    id: "create",
    group: "actions",
    label: translate("palette.action.create"),
    keywords: translate("palette.keywords.create"),
    action: { type: "open", href: "/organizations/new" },
  });
}

function choiceEntries({ locale, scheme, translate }: PaletteContext): PaletteEntry[] {
  const languages = LOCALES.filter((one) => one !== locale).map(
    (one: Locale): PaletteEntry => ({
      id: `language-${one}`,
      group: "actions",
      label: translate("palette.action.language", { name: LANGUAGE_NAMES[one] }),
      keywords: translate("palette.keywords.language"),
      action: { type: "language", locale: one },
    }),
  );
  const others = (Object.keys(SCHEME_LABELS) as MantineColorScheme[]).filter((one) => one !== scheme);
  const schemes = others.map(
    (one): PaletteEntry => ({
      id: `scheme-${one}`,
      group: "actions",
      label: translate("palette.action.scheme", { name: translate(`common.${SCHEME_LABELS[one]}`) }),
      keywords: translate("palette.keywords.scheme"),
      action: { type: "scheme", scheme: one },
    }),
  );
  return [...languages, ...schemes];
}

/** Returns all entries that need no request. Actions that the user's role forbids are left out. */
export function makeEntries(context: PaletteContext): PaletteEntry[] {
  const { organization, translate } = context;
  const connect: PaletteEntry = {
    id: "connect",
    group: "actions",
    label: translate("palette.action.connect"),
    keywords: translate("palette.keywords.connect"),
    action: { type: "open", href: `/o/${organization?.publicId}/apps/new` },
  };
  const createKey: PaletteEntry = {
    id: "createKey",
    group: "actions",
    label: translate("palette.action.createKey"),
    keywords: translate("palette.keywords.createKey"),
    action: { type: "open", href: `/o/${organization?.publicId}/api-keys/new` },
  };
  return [
    ...goToEntries(context),
    ...(organization ? appEntries(organization) : []),
    ...(organization?.apps.flatMap((app) => appActions(context, app)) ?? []),
    ...(organization?.mayConnect ? [connect] : []),
    ...(organization?.mayManageKeys ? [createKey] : []),
    ...choiceEntries(context),
    ...organizationEntries(context),
    {
      id: "signOut",
      group: "actions",
      label: translate("palette.action.signOut"),
      keywords: translate("palette.keywords.signOut"),
      action: { type: "signOut" },
    },
  ];
}
