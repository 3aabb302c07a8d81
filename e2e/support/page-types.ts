import type { PageSizes } from "./page-sizes";

const KILOBYTE = 1_000;
const APP = "/o/[organization]/apps/[app]";
const WEBHOOK = "/o/[organization]/webhooks/[webhook]";

export type Limited = keyof Omit<PageSizes, "files">;

export type PageType = {
  readonly name: string;
  readonly routes: readonly string[];
  /** In kB. */
  readonly limits: Readonly<Partial<Record<Limited, number>>>;
};

/** Every page of the build, grouped by limits. */
export const PAGE_TYPES: readonly PageType[] = [
  {
    name: "sign-in, sign-up, errors",
    routes: ["/sign-in", "/sign-up", "/set-password", "/_not-found"],
    limits: { scripts: 190, styles: 25, payload: 8 },
  },
  {
    name: "overview, lists, settings",
    routes: [
      "/o/[organization]",
      "/o/[organization]/apps",
      "/o/[organization]/api-keys",
      "/o/[organization]/calls",
      "/o/[organization]/api-keys/new",
      "/o/[organization]/webhooks",
      "/o/[organization]/webhooks/new",
      WEBHOOK,
      `${WEBHOOK}/settings`,
      `${WEBHOOK}/attempts/[attempt]`,
      `${APP}/syncs`,
      `${APP}/events`,
      `${APP}/events/[event]`,
      `${APP}/directory/compare`,
      `${APP}/doctor`,
      `${APP}/directory/removed`,
      "/o/[organization]/settings",
      `${APP}/settings`,
      `${APP}/settings/directory`,
      `${APP}/settings/mapping`,
      "/account",
      "/organizations/new",
    ],
    limits: { scripts: 260, styles: 40, payload: 30 },
  },
  {
    name: "connect, app, token",
    routes: ["/o/[organization]/apps/new", APP, `${APP}/token`],
    limits: { scripts: 260, styles: 40, payload: 15 },
  },
  {
    name: "run",
    routes: [`${APP}/syncs/[run]`],
    limits: { scripts: 270, styles: 40, payload: 30 },
  },
  {
    name: "directory",
    routes: [`${APP}/directory`],
    limits: { scripts: 290, styles: 40, unpacked: 200 },
  },
];

/** Returns whether a page needs a session. The others redirect signed-in users. */
export const needsSession = (route: string): boolean =>
  route === "/account" || /^\/o(rganizations)?\//.test(route);

/** Returns a sentence for each size that exceeds the limit of the page's type. */
export function excessesOf({ limits }: PageType, sizes: PageSizes): string[] {
  return Object.entries(limits).flatMap(([what, kilobytes]) => {
    const [bytes, bytesMax] = [sizes[what as Limited], kilobytes * KILOBYTE];
    return bytes <= bytesMax ? [] : [`${what}: ${bytes} bytes, ${bytes - bytesMax} more than ${bytesMax}`];
  });
}
