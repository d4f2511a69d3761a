// Which pages of a site a web loader reads: found by a crawl or a sitemap, and chosen by hand.
import { useMutation } from "@tanstack/react-query";
import { ListChecks, Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { findLinks } from "~/api/document-stores";
import type { CatalogNode } from "~/api/types";
import { asArray, asText, type JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { NumberField, SelectField } from "~/ui/form";
import { Field } from "~/ui/input";
import { ErrorNotice } from "~/ui/states";

/** The key under which forms keep chosen pages. */
const SELECTED = "selectedLinks";
const METHODS = ["webCrawl", "scrapeXMLSitemap"] as const;

interface LinksFieldProps {
  entry: CatalogNode;
  values: JsonObject;
  onChange: (values: JsonObject) => void;
}

/** Nothing for loaders that follow no links. */
export function LinksField({ entry, values, onChange }: LinksFieldProps) {
  const { t } = useTranslation("documentStores");
  const [open, setOpen] = useState(false);
  if (!(entry.inputs ?? []).some((input) => input["name"] === "relativeLinksMethod")) return null;
  const links = asArray(values[SELECTED]).filter((link) => typeof link === "string");
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button size="sm" disabled={!asText(values["url"])} onClick={() => setOpen(true)}>
        <ListChecks aria-hidden />
        {t("links.action")}
      </Button>
      <span className="text-sm text-muted">{links.length > 0 ? t("links.chosen", { count: links.length }) : t(asText(values["url"]) ? "links.none" : "links.needsUrl")}</span>
      {open && (
        <LinksDialog
          url={asText(values["url"]) ?? ""}
          method={asText(values["relativeLinksMethod"]) ?? METHODS[0]}
          limit={Number(values["limit"]) || 10}
          links={links}
          onClose={() => setOpen(false)}
          onTake={(chosen) => {
            setOpen(false);
            // The limit holds for chosen pages, too.
            onChange({ ...values, [SELECTED]: chosen.length > 0 ? chosen : undefined, ...(chosen.length > Number(values["limit"] ?? 0) ? { limit: String(chosen.length) } : {}) });
          }}
        />
      )}
    </div>
  );
}

interface LinksDialogProps {
  url: string;
  method: string;
  limit: number;
  links: readonly string[];
  onTake: (links: string[]) => void;
  onClose: () => void;
}

function LinksDialog({ url, method, limit, links: before, onTake, onClose }: LinksDialogProps) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const [how, setHow] = useState(method);
  const [most, setMost] = useState<number | null>(limit);
  const [links, setLinks] = useState<readonly string[]>(before);
  const [own, setOwn] = useState("");
  const finding = useMutation({ mutationFn: () => findLinks(url, how, most ?? 10), onSuccess: setLinks });
  const addOwn = () => {
    const link = own.trim();
    if (link && !links.includes(link)) setLinks([...links, link]);
    setOwn("");
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("links.title")}
      description={url}
      size="lg"
      footer={
        <>
          <Button className="me-auto" disabled={links.length === 0} onClick={() => setLinks([])}>
            {t("links.clear")}
          </Button>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button variant="primary" onClick={() => onTake([...links])}>
            {t("links.take", { count: links.length })}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ErrorNotice error={finding.error} />
        <div className="grid items-end gap-3 sm:grid-cols-[minmax(0,1fr)_8rem_auto]">
          <SelectField label={t("links.method")} value={how} onChange={setHow} choices={METHODS.map((value) => ({ value, label: t(`links.methods.${value}`) }))} />
          <NumberField label={t("links.most")} value={most} onChange={setMost} min={1} max={1000} />
          <Button size="lg" busy={finding.isPending} onClick={() => finding.mutate()}>
            {t("links.find")}
          </Button>
        </div>
        {finding.isSuccess && links.length === 0 && <p className="text-base text-muted">{t("links.nothing")}</p>}
        {links.length > 0 && (
          <ul aria-label={t("links.list")} className="max-h-72 divide-y divide-line overflow-y-auto rounded-md border border-line">
            {links.map((link) => (
              <li key={link} className="flex items-center gap-2 ps-3 pe-1 text-sm">
                <span className="min-w-0 flex-1 truncate py-1.5" title={link}>
                  {link}
                </span>
                <Button variant="ghost" size="icon-sm" aria-label={t("links.remove", { link })} onClick={() => setLinks(links.filter((other) => other !== link))}>
                  <X aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        )}
        <div className="flex items-end gap-2">
          <Field
            className="min-w-0 flex-1"
            label={t("links.own")}
            type="url"
            value={own}
            onChange={(event) => setOwn(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              addOwn();
            }}
          />
          <Button size="icon" className="size-10" aria-label={t("links.add")} disabled={!own.trim()} onClick={addOwn}>
            <Plus aria-hidden />
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
