import { getLocale } from "next-intl/server";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { pageActor, pageSignedIn } from "@/lib/http/page-actor";
import { getOrganization, listOrganizations } from "@/lib/organizations/queries";
import { ConsoleShell } from "../../../_components/console-shell";
import { TimesIn } from "../../../_components/times-in";

/** The frame around an organization's pages. Each page asks again who is calling: a layout protects nothing. */
export default async function OrganizationLayout({ children, params }: LayoutProps<"/o/[organization]">) {
  const { organization } = await params;
  const { timeZone } = await getOrganization(await pageActor(organization, "organization.read"));
  const organizations = await listOrganizations(await pageSignedIn(), await getLocale());
  const apps = await listApps(await pageActor(organization, "app.read"));
  return (
    <ConsoleShell organization={organization} organizations={organizations} apps={apps}>
      <TimesIn timeZone={timeZone}>{children}</TimesIn>
    </ConsoleShell>
  );
}
