"use client";

import { useTranslations } from "next-intl";
import { DeleteButton } from "@/app/_components/forms/delete-button";
import type { Contents } from "@/lib/dingtalk-apps/count-contents";
import { deleteAppAction } from "./actions";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly name: string;
  readonly contents: Contents;
};

export function DeleteApp({ organization, app, name, contents }: Props) {
  const t = useTranslations("app");
  return (
    <DeleteButton
      action={deleteAppAction.bind(null, organization)}
      next={`/o/${organization}`}
      name={name}
      label={t("delete")}
      contents={contents}
      isApp
      hidden={{ app }}
    />
  );
}
