# One image for every role: `docker run … worker`, `… webhook`, `… codec-server`.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY dev dev
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20.20.2-bookworm-slim AS runtime
# Temporal's native client takes its root certificates from the system.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# A volume that is mounted here belongs to the user who reads and writes the key in it.
RUN mkdir /run/rbm && chown node /run/rbm
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]

# The simulator of RBM and an SMS gateway. It is for development and never deployed.
FROM build AS simulator-build
RUN npm ci --ignore-scripts

FROM node:20.20.2-bookworm-slim AS simulator
WORKDIR /app
COPY --from=simulator-build /app ./
RUN mkdir /run/rbm && chown node /run/rbm
USER node
ENTRYPOINT ["node_modules/.bin/tsx", "dev/simulator/main.ts"]

FROM runtime
