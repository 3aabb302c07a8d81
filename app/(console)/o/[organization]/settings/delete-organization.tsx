"use client";

import { useTranslations } from "next-intl";
import { DeleteButton } from "@/app/_components/forms/delete-button";
import type { Contents } from "@/lib/dingtalk-apps/count-contents";
import { deleteOrganizationAction } from "./actions";

type Props = { readonly organization: string; readonly name: string; readonly contents: Contents };

export function DeleteOrganization({ organization, name, contents }: Props) {
  const t = useTranslations("settings");
  return (
    <DeleteButton
      action={deleteOrganizationAction.bind(null, organization)}
      next="/"
      name={name}
      label={t("delete")}
      contents={contents}
      isApp={false}
    />
  );
}
