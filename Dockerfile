# One image for every role: `docker run … worker`, `… webhook`, `… codec-server`.
# Node.js 24 gets security fixes until April 2028. CONTRIBUTING.md says how to update the digest.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY dev dev
RUN npm run build && npm run -s sbom > sbom.cdx.json && npm prune --omit=dev --ignore-scripts

FROM base AS runtime
# Temporal's native client takes its root certificates from the system.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
# What is in the image, in CycloneDX's format.
COPY --from=build /app/package.json /app/sbom.cdx.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# A volume that is mounted here belongs to the user who reads and writes the key in it.
RUN mkdir /run/rbm && chown 1000:1000 /run/rbm
# The image's user node, as a number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 1000:1000
ENTRYPOINT ["node", "dist/cli/main.js"]

# The simulator of RBM and an SMS gateway. It is for development and never deployed.
FROM build AS simulator-build
RUN npm ci --ignore-scripts

FROM base AS simulator
COPY --from=simulator-build /app ./
RUN mkdir /run/rbm && chown 1000:1000 /run/rbm
USER 1000:1000
ENTRYPOINT ["node_modules/.bin/tsx", "dev/simulator/main.ts"]

FROM runtime
