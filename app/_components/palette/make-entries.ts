import type { MantineColorScheme } from "@mantine/core";
import { LOCALES, type Locale } from "@/lib/i18n/locales";
import { LANGUAGE_NAMES, SCHEME_LABELS } from "../preferences/preferences";
import type { ConsoleOrganization, ConsoleUser, NavApp } from "../shell/frame-data";
import { APP_PAGES, openApp } from "../shell/nav-entries";
import type { PaletteEntry } from "./entry";

/** Says a sentence by its key in `messages/`. */
type Say = (key: string, values?: Record<string, string>) => string;

type Surroundings = {
  readonly organization: ConsoleOrganization | undefined;
  readonly user: ConsoleUser;
  readonly path: string;
  readonly locale: string;
  readonly scheme: MantineColorScheme;
  readonly say: Say;
};

/** Between an app's AppKey and its state. */
const SEPARATOR = " · ";

function appPages(base: string, app: NavApp, isOpen: boolean, say: Say): PaletteEntry[] {
  return APP_PAGES.map(({ page, part }) => ({
    id: `${page}-${app.id}`,
    group: "goTo",
    label: say(`nav.${page}`),
    detail: app.name,
    keywords: say(`palette.keywords.${page}`),
    action: { type: "open", href: `${base}/apps/${app.id}/${part}` },
    isHiddenUntilTyped: !isOpen,
  }));
}

function goToEntries({ organization, path, say }: Surroundings): PaletteEntry[] {
  const to = (page: string, href: string): PaletteEntry => ({
    id: page,
    group: "goTo",
    label: say(`nav.${page}`),
    keywords: say(`palette.keywords.${page}`),
    action: { type: "open", href },
  });
  if (!organization) return [to("account", "/account")];
  const base = `/o/${organization.publicId}`;
  const open = openApp(path, organization);
  return [
    to("overview", base),
    to("apps", `${base}/apps`),
    ...organization.apps.flatMap((app) => appPages(base, app, app === open, say)),
    to("calls", `${base}/calls`),
    ...(organization.mayManageKeys ? [to("apiKeys", `${base}/api-keys`)] : []),
    to("settings", `${base}/settings`),
    to("account", "/account"),
  ];
}

const appEntries = ({ publicId, apps }: ConsoleOrganization): PaletteEntry[] =>
  apps.map(({ id, name, appKey, stateWord }) => ({
    id: `app-${id}`,
    group: "apps",
    label: name,
    detail: `${appKey}${SEPARATOR}${stateWord}`,
    action: { type: "open", href: `/o/${publicId}/apps/${id}` },
  }));

/** What can be done with an app as it is: the page opens with the focus on the button, and nothing has happened yet. */
function appActions({ organization, path, say }: Surroundings, app: NavApp): PaletteEntry[] {
  if (!organization) return [];
  const isWorking = app.state === "verified";
  const open = openApp(path, organization);
  const action = (name: "sync" | "test"): PaletteEntry => ({
    id: `${name}-${app.id}`,
    group: "actions",
    label: say(`palette.action.${name}`),
    detail: app.name,
    keywords: say(`palette.keywords.${name}`),
    action: {
      type: "open",
      href: `/o/${organization.publicId}/apps/${app.id}`,
      button: say(`palette.action.${name}`),
    },
    isHiddenUntilTyped: app !== open,
  });
  const entries: PaletteEntry[] = [];
  if (organization.maySync && (isWorking || app.state === "degraded")) entries.push(action("sync"));
  if (organization.mayChange && !isWorking) entries.push(action("test"));
  return entries;
}

/** The way to other organizations, and to a new one. */
function organizationEntries({ organization, user, say }: Surroundings): PaletteEntry[] {
  const others = user.organizations.filter(({ publicId }) => publicId !== organization?.publicId);
  const entries = others.map(
    ({ publicId, name }): PaletteEntry => ({
      id: `organization-${publicId}`,
      group: "actions",
      label: say("palette.action.organization", { name }),
      keywords: say("palette.keywords.organization"),
      action: { type: "open", href: `/o/${publicId}` },
    }),
  );
  if (!user.mayCreate) return entries;
  return entries.concat({
    id: "create",
    group: "actions",
    label: say("palette.action.create"),
    keywords: say("palette.keywords.create"),
    action: { type: "open", href: "/organizations/new" },
  });
}

function choiceEntries({ locale, scheme, say }: Surroundings): PaletteEntry[] {
  const languages = LOCALES.filter((one) => one !== locale).map(
    (one: Locale): PaletteEntry => ({
      id: `language-${one}`,
      group: "actions",
      label: say("palette.action.language", { name: LANGUAGE_NAMES[one] }),
      keywords: say("palette.keywords.language"),
      action: { type: "language", locale: one },
    }),
  );
  const others = (Object.keys(SCHEME_LABELS) as MantineColorScheme[]).filter((one) => one !== scheme);
  const schemes = others.map(
    (one): PaletteEntry => ({
      id: `scheme-${one}`,
      group: "actions",
      label: say("palette.action.scheme", { name: say(`common.${SCHEME_LABELS[one]}`) }),
      keywords: say("palette.keywords.scheme"),
      action: { type: "scheme", scheme: one },
    }),
  );
  return [...languages, ...schemes];
}

/** Everything that the palette knows without asking the server. What the person's role forbids isn't among it. */
export function makeEntries(around: Surroundings): PaletteEntry[] {
  const { organization, say } = around;
  const connect: PaletteEntry = {
    id: "connect",
    group: "actions",
    label: say("palette.action.connect"),
    keywords: say("palette.keywords.connect"),
    action: { type: "open", href: `/o/${organization?.publicId}/apps/new` },
  };
  const createKey: PaletteEntry = {
    id: "createKey",
    group: "actions",
    label: say("palette.action.createKey"),
    keywords: say("palette.keywords.createKey"),
    action: { type: "open", href: `/o/${organization?.publicId}/api-keys/new` },
  };
  return [
    ...goToEntries(around),
    ...(organization ? appEntries(organization) : []),
    ...(organization?.apps.flatMap((app) => appActions(around, app)) ?? []),
    ...(organization?.mayConnect ? [connect] : []),
    ...(organization?.mayManageKeys ? [createKey] : []),
    ...choiceEntries(around),
    ...organizationEntries(around),
    {
      id: "signOut",
      group: "actions",
      label: say("palette.action.signOut"),
      keywords: say("palette.keywords.signOut"),
      action: { type: "signOut" },
    },
  ];
}
