'use strict';
// Clusters of an adaptation: pictures are shown as they come near, and chosen.
(() => {
  // A page may have thousands of pictures; only those that somebody nears are decoded.
  const watcher = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      target.src = mmreid.picture(target.dataset.picture);
      watcher.unobserve(target);
    }
  }, { rootMargin: '600px' });
  for (const image of document.querySelectorAll('img[data-picture]')) watcher.observe(image);

  mmreid.chooseEntries(['cameras', 'clusters'], document.querySelectorAll('.part, .part details'));
})();
