import { onBeforeUnmount, onMounted, type Ref, reactive } from 'vue';

/** The size of an element in CSS pixels, kept up to date; 0 before it stands. */
export function useElementSize(element: Ref<HTMLElement | undefined>): { width: number; height: number } {
  const size = reactive({ width: 0, height: 0 });
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return;
    size.width = entry.contentRect.width;
    size.height = entry.contentRect.height;
  });
  onMounted(() => {
    if (element.value) observer.observe(element.value);
  });
  onBeforeUnmount(() => observer.disconnect());
  return size;
}
