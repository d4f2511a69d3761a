// One template in the list: a picture of its graph, what it does, what it is for.
import { Link } from "@tanstack/react-router";
import { Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Template } from "~/api/templates";
import type { RowTools } from "~/features/list";
import { Card, Chip } from "~/ui/card";
import { Skeleton } from "~/ui/states";
import { SketchPicture } from "./flow-sketch";

export function TemplateCard({ template, tick, menu }: { template: Template } & RowTools) {
  const { t } = useTranslation("templates");
  return (
    <Card className="group relative flex h-full flex-col overflow-hidden transition-[border-color,box-shadow] duration-120 hover:border-line-strong hover:shadow-md has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-focus">
      {template.kind === "Tool" ? (
        <div aria-hidden className="flex h-36 items-center justify-center border-b border-line bg-sunken text-faint">
          <Wrench className="size-10" strokeWidth={1.5} />
        </div>
      ) : (
        <SketchPicture flowData={template.flowData} className="h-36 border-b border-line" />
      )}
      <div className="flex flex-1 flex-col gap-2 p-4">
        <div className="flex items-start gap-2.5">
          {tick}
          <h2 className="min-w-0 flex-1 text-base font-semibold text-ink [overflow-wrap:anywhere]">
            <Link to="/marketplace/$id" params={{ id: template.id }} className="line-clamp-2 outline-none after:absolute after:inset-0 after:rounded-lg group-hover:text-primary-ink">
              {template.name}
            </Link>
          </h2>
          <span className="-me-1.5 -mt-1">{menu}</span>
        </div>
        {template.description && <p className="line-clamp-3 text-sm text-muted [overflow-wrap:anywhere]">{template.description}</p>}
        <div className="mt-auto flex flex-wrap gap-1.5 pt-2">
          <Chip>{t(`kind.${template.kind}`)}</Chip>
          <TemplateChips template={template} most={3} />
        </div>
      </div>
    </Card>
  );
}

export function TemplateChips({ template, most }: { template: Template; most: number }) {
  const { usecases, badges } = template;
  return (
    <>
      {badges.map((badge) => (
        <Chip key={badge} className="border-transparent bg-primary-soft text-primary-ink">
          {badge}
        </Chip>
      ))}
      {usecases.slice(0, most).map((usecase) => (
        <Chip key={usecase} className="max-w-40">
          <span className="truncate">{usecase}</span>
        </Chip>
      ))}
      {usecases.length > most && <span className="text-xs leading-5 text-faint">+{usecases.length - most}</span>}
    </>
  );
}

export function TemplateCardSkeleton() {
  return (
    <Card className="flex h-72 flex-col overflow-hidden">
      <Skeleton className="h-36 rounded-none" />
      <div className="flex flex-col gap-3 p-4">
        <Skeleton className="h-5 w-3/5" />
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-4/5" />
      </div>
    </Card>
  );
}
