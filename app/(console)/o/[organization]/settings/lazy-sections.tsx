"use client";

import dynamic from "next/dynamic";
import type { Contents } from "@/lib/dingtalk-apps/count-contents";

// Few visits need these forms, so their scripts load after the page.
const DeleteOrganization = dynamic(async () => (await import("./delete-organization")).DeleteOrganization, {
  ssr: false,
});
const PersonalDataForm = dynamic(async () => (await import("./personal-data-form")).PersonalDataForm, {
  ssr: false,
});

type DeleteProps = { readonly organization: string; readonly name: string; readonly contents: Contents };

export const LazyDeleteOrganization = (props: DeleteProps) => <DeleteOrganization {...props} />;

type PersonalDataProps = { readonly organization: string; readonly keepsPersonal: boolean };

export function LazyPersonalDataForm(props: PersonalDataProps) {
  return (
    <div style={{ minHeight: "clamp(7rem, 16rem - 12vw, 13rem)" }}>
      <PersonalDataForm {...props} />
    </div>
  );
}
