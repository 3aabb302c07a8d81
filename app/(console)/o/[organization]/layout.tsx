import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { ConsoleShell, readFrame } from "@/app/_components/shell/console-shell";
import { TimeZoneProvider } from "@/app/_components/time/time-zone-provider";
import { pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { EgressBanner } from "./notices/egress-banner";
import { loadNotices } from "./notices/load-notices";
import { NoticeBanner } from "./notices/notice-banner";
import { NoticeBell } from "./notices/notice-bell";
import { NoticeWatch } from "./notices/notice-watch";

/**
 * The frame around an organization's pages. Each page checks permissions itself, because a layout protects nothing.
 */
export default async function OrganizationLayout({ children, params }: LayoutProps<"/o/[organization]">) {
  const { organization } = await params;
  const actor = await pageActor(organization, "app.read");
  const [{ timeZone }, { stamp, items, ban }, frame] = await Promise.all([
    getOrganization(await pageActor(organization, "organization.read")),
    loadNotices(actor, await pageActor(organization, "webhook.read")),
    readFrame(organization),
  ]);
  const t = await getTranslations("notices");
  const unread = items.filter(({ endedAt, isSeen }) => endedAt === null && !isSeen);
  const announcements = [
    ...(ban ? [{ key: ban.beganAt.toISOString(), sentence: t("banned") }] : []),
    ...unread.map(({ id, stateLabel, name }) => ({
      key: id,
      sentence: t.markup("sentence", { state: stateLabel, name: () => name }),
    })),
  ];
  const bell = (
    <>
      <NoticeBell organization={organization} items={items} />
      <AnnounceNewItems items={announcements} />
      <NoticeWatch organization={organization} stamp={stamp} />
    </>
  );
  const banner = (
    <>
      {ban && <EgressBanner ban={ban} />}
      <NoticeBanner organization={organization} items={items} />
    </>
  );
  return (
    <TimeZoneProvider timeZone={timeZone}>
      <ConsoleShell frame={frame} bell={bell} banner={banner}>
        {children}
      </ConsoleShell>
    </TimeZoneProvider>
  );
}
