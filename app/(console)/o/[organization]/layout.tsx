import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { ConsoleShell } from "../../../_components/console-shell";
import { TimesIn } from "../../../_components/times-in";

/** The frame around an organization's pages. Each page asks again who is calling: a layout protects nothing. */
export default async function OrganizationLayout({ children, params }: LayoutProps<"/o/[organization]">) {
  const { organization } = await params;
  const { timeZone } = await getOrganization(await pageActor(organization, "organization.read"));
  return (
    <ConsoleShell organization={organization}>
      <TimesIn timeZone={timeZone}>{children}</TimesIn>
    </ConsoleShell>
  );
}
