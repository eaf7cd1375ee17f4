/// What the panels of dashboards ask: of homes, of the machines that a household runs, and of the services on them. Names are those
/// that the sources use, and a dashboard's variables have their values, as Grafana sends them.
enum DashboardExpressions {
    static let all = homes + machines + services

    private static let homes = [
        #"temperature{household="home", room="kitchen"}"#,
        #"avg by (room) (temperature{household="home"})"#,
        #"avg_over_time(temperature{device="living-room-sensor"}[1h])"#,
        #"max_over_time(temperature{room=~"bedroom|nursery"}[1d]) - min_over_time(temperature{room=~"bedroom|nursery"}[1d])"#,
        #"temperature{room="kitchen"} - temperature{room="kitchen"} offset 1d"#,
        #"humidity{household="home"} > 65 and on (room) temperature{household="home"} < 18"#,
        #"sum by (room) (increase(energy_total{household="home", room!=""}[1d])) * 0.31"#,
        #"topk(5, sum by (device) (rate(energy_total{household="home"}[15m])) * 3600)"#,
        #"battery{household="home"} < 15"#,
        #"count(time() - timestamp(linkquality{household="home"}) > 3600) or vector(0)"#,
        #"predict_linear(battery{device="front-door"}[7d], 14 * 86400) < 10"#,
        #"(temperature - avg_over_time(temperature[7d:1h] offset 1h)) / stddev_over_time(temperature[7d:1h] offset 1h)"#,
        #"label_replace(avg by (device) (co2{room=~"kitchen|bath"}), "name", "$1", "device", "sensor-(.+)")"#,
        #"sum(power{household="home", phase=~"a|b|c"}) without (phase)"#,
        #"clamp_min(sum(solar_power) - sum(power{kind="consumption"}), 0)"#,
    ]

    private static let machines = [
        #"100 - (avg by (instance) (rate(node_cpu_seconds_total{mode="idle", job="node"}[5m])) * 100)"#,
        #"sum by (mode) (irate(node_cpu_seconds_total{instance="pi:9100", job="node"}[5m]))"#,
        #"(1 - node_memory_MemAvailable_bytes{instance="pi:9100"} / node_memory_MemTotal_bytes{instance="pi:9100"}) * 100"#,
        #"100 - ((node_filesystem_avail_bytes{mountpoint="/", fstype!="rootfs"} * 100) / node_filesystem_size_bytes{mountpoint="/", fstype!="rootfs"})"#,
        #"rate(node_network_receive_bytes_total{instance="pi:9100", device!~"lo|veth.*|docker.*"}[5m]) * 8"#,
        #"-rate(node_network_transmit_bytes_total{instance="pi:9100", device!~"lo|veth.*"}[5m]) * 8"#,
        #"node_load1{instance="pi:9100"} / count without (cpu, mode) (node_cpu_seconds_total{instance="pi:9100", mode="system"})"#,
        #"max by (device) (rate(node_disk_io_time_seconds_total{device=~"sd[a-z]+|nvme.*"}[1m])) > 0.8"#,
        #"predict_linear(node_filesystem_free_bytes{fstype=~"ext4|xfs"}[6h], 4 * 3600) < 0"#,
        #"time() - node_boot_time_seconds{instance="pi:9100"}"#,
        #"changes(node_timex_sync_status{job="node"}[10m]) > 0 unless on (instance) up == 0"#,
    ]

    private static let services = [
        #"histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{job="node"}[5m])))"#,
        #"histogram_quantile(0.5, sum(rate(prometheus_http_request_duration_seconds_bucket{handler=~"/api/v1/.+"}[5m])) by (le, handler))"#,
        #"sum(rate(http_requests_total{job="node", code=~"5.."}[5m])) / sum(rate(http_requests_total{job="node"}[5m]))"#,
        #"sum by (job) (rate(http_requests_total[5m])) > 1.5 * sum by (job) (rate(http_requests_total[5m] offset 1w))"#,
        #"max_over_time(sum(rate(http_requests_total{job="api"}[5m]))[1d:5m])"#,
        #"rate(process_cpu_seconds_total{job="mosquitto"}[5m]) * on (instance) group_left (version) build_info"#,
        #"avg_over_time(up{job=~"quantrac|mosquitto"}[30d]) * 100"#,
        #"sum(increase(messages_refused_total{reason!~"duplicate|late"}[1h])) by (reason)"#,
        #"process_resident_memory_bytes{job="quantrac"} / 1024 / 1024"#,
    ]
}
