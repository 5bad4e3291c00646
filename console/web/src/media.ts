import { onBeforeUnmount, type Ref, ref } from 'vue';

/** Whether a media query holds, kept up to date. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const media = window.matchMedia(query);
  const holds = ref(media.matches);
  const update = ({ matches }: MediaQueryListEvent) => {
    holds.value = matches;
  };
  media.addEventListener('change', update);
  onBeforeUnmount(() => media.removeEventListener('change', update));
  return holds;
}
