"use client";

import { useTranslations } from "next-intl";
import { DeleteWithName } from "../../../../../../_components/delete-with-name";
import { useActionForm } from "../../../../../../_components/use-action-form";
import { deleteAppAction } from "./actions";

type Props = { readonly organization: string; readonly app: string; readonly name: string };

export function DeleteApp({ organization, app, name }: Props) {
  const t = useTranslations("app");
  const form = useActionForm(deleteAppAction.bind(null, organization));
  return (
    <DeleteWithName
      form={form}
      name={name}
      label={t("delete")}
      title={t("deleteTitle", { name })}
      help={t("deleteHelp")}
      hidden={{ app }}
    />
  );
}
