"use client";

import { useTranslations } from "next-intl";
import { DeleteWithName } from "../../../../_components/delete-with-name";
import { useActionForm } from "../../../../_components/use-action-form";
import { deleteOrganizationAction } from "./actions";

type Props = { readonly organization: string; readonly name: string };

export function DeleteOrganization({ organization, name }: Props) {
  const t = useTranslations("settings");
  const form = useActionForm(deleteOrganizationAction.bind(null, organization), () => location.assign("/"));
  return (
    <DeleteWithName
      form={form}
      name={name}
      label={t("delete")}
      title={t("deleteTitle", { name })}
      help={t("dangerHelp")}
    />
  );
}
