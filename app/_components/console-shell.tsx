import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import type { App } from "@/lib/dingtalk-apps/queries";
import { pageSignedIn } from "@/lib/http/page-actor";
import type { OrganizationEntry } from "@/lib/organizations/queries";
import { AccountMenu } from "./account-menu";
import { ChoiceSwitches } from "./choice-switches";
import { ClientMessages } from "./client-messages";
import { ConsoleFrame } from "./console-frame";
import { type NavEntry, NavLinks } from "./nav-links";
import { OrganizationMenu } from "./organization-menu";

type Props = {
  /** The public id of the organization whose pages are shown; none on a person's own pages. */
  readonly organization?: string;
  readonly organizations: readonly OrganizationEntry[];
  /** The organization's apps, for the navigation. */
  readonly apps?: readonly App[];
  readonly children: ReactNode;
};

/** With more than these, the list of apps is the better way. */
const APPS_SHOWN = 7;
const NO_APPS: readonly App[] = [];

type Words = Awaited<ReturnType<typeof getTranslations<"nav">>>;

const appEntry = (href: string, name: string, t: Words): NavEntry => ({
  href,
  label: name,
  icon: "app",
  below: [
    { href: `${href}/directory`, label: t("directory"), icon: "directory" },
    { href: `${href}/syncs`, label: t("syncs"), icon: "syncs" },
    { href: `${href}/token`, label: t("token"), icon: "token" },
    { href: `${href}/settings`, label: t("appSettings"), icon: "settings" },
  ],
});

/** The console's frame: navigation, switches, account, and the page in `main`. */
export async function ConsoleShell({ organization, organizations, apps = NO_APPS, children }: Props) {
  const t = await getTranslations("nav");
  const email = await getOwnEmail(await pageSignedIn());
  const base = organization && `/o/${organization}`;
  const work: NavEntry[] = base
    ? [
        { href: base, label: t("overview"), icon: "overview", isExact: true },
        { href: `${base}/apps`, label: t("apps"), icon: "apps", isExact: true },
        ...apps.slice(0, APPS_SHOWN).map((app) => appEntry(`${base}/apps/${app.id}`, app.name, t)),
      ]
    : [];
  const manage: NavEntry[] = base
    ? [{ href: `${base}/settings`, label: t("settings"), icon: "settings" }]
    : [];
  return (
    <ClientMessages namespaces={["nav", "auth", "settings", "account"]}>
      <ConsoleFrame
        navigation={
          <>
            <OrganizationMenu current={organization} organizations={organizations} />
            <NavLinks entries={work} />
            {manage.length > 0 && <NavLinks title={t("manage")} entries={manage} />}
          </>
        }
        tools={
          <>
            <ChoiceSwitches />
            <AccountMenu email={email} />
          </>
        }
      >
        {children}
      </ConsoleFrame>
    </ClientMessages>
  );
}
