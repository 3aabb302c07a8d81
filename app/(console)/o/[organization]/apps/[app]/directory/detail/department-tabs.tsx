"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { DepartmentDetail } from "@/lib/directory/tree/schema";
import { setUrlParameter } from "../url-state";
import { DepartmentSettings } from "./department-settings";
import { HistoryList } from "./history-list";
import { MemberList } from "./member-list";
import type { PanelProps } from "./panel-props";
import { SubDepartments } from "./sub-departments";
import { Tabs } from "./tabs";

const TABS = ["members", "history", "children", "settings"] as const;
type TabName = (typeof TABS)[number];

function tabFromUrl(): TabName {
  const named = new URL(location.href).searchParams.get("tab");
  return TABS.find((name) => name === named) ?? "members";
}

type Props = PanelProps & { readonly detail: DepartmentDetail };

/** A department's members, history, sub-departments and settings, as tabs. */
export default function DepartmentTabs({ detail, ...panel }: Props) {
  const t = useTranslations("directory");
  const [chosen, setChosen] = useState<TabName>(tabFromUrl);
  const choose = (name: TabName) => {
    setChosen(name);
    setUrlParameter("tab", name === "members" ? null : name);
  };
  const titles = {
    members: t("tab.members", { n: detail.directPeople }),
    history: t("tab.history"),
    children: t("tab.children", { n: detail.childCount }),
    settings: t("settings.title"),
  };
  return (
    <Tabs
      label={t("tab.label")}
      chosen={chosen}
      onChoose={choose}
      tabs={TABS.map((name) => ({ name, title: titles[name] }))}
    >
      {chosen === "members" && <MemberList {...panel} department={detail.id} />}
      {chosen === "history" && <HistoryList {...panel} object="department" id={detail.id} />}
      {chosen === "children" && <SubDepartments {...panel} parent={detail.id} />}
      {chosen === "settings" && <DepartmentSettings detail={detail} />}
    </Tabs>
  );
}
