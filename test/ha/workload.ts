/** A web server on every node behind a Service, of the lab's own image: `/web get URL` and `/web lookup NAME` ask from inside a pod. */
export const WORKLOAD = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: web, namespace: default }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      tolerations: [{ operator: Exists }]
      terminationGracePeriodSeconds: 1
      containers:
        - { name: web, image: "docker.io/lab/web:1", imagePullPolicy: Never, args: [serve] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
`
